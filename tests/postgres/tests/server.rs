//! The server itself.

use postgres_server::Server;

#[test]
fn a_server_leaves_nothing_behind() {
    let Some(server) = Server::start().unwrap() else {
        return;
    };
    let folder = server.socket().to_owned();
    assert!(folder.join("data").exists() || folder.join(".s.PGSQL.5432").exists());
    let url = server.database().unwrap();
    assert!(url.contains(folder.to_str().unwrap()));
    assert!(server.sql("SELECT 1/0").is_err());
    server.crash().unwrap();
    server.restart().unwrap();
    server.sql("SELECT 1").unwrap();
    server.stop().unwrap();
    assert!(server.sql("SELECT 1").is_err());
    server.begin().unwrap();
    drop(server);
    assert!(!folder.exists());
}

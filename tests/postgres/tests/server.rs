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

#[test]
fn a_server_that_hangs_goes_on_and_ends() {
    let Some(server) = Server::start().unwrap() else {
        return;
    };
    let url = server.database().unwrap();
    server.pause().unwrap();
    let asked = std::thread::scope(|scope| {
        let asked = scope.spawn(|| server.ask(&url, "SELECT 1"));
        server.resume().unwrap();
        asked.join().unwrap()
    });
    assert_eq!(asked.unwrap(), "1");
    let folder = server.socket().to_owned();
    server.pause().unwrap();
    drop(server);
    assert!(!folder.exists());
}

#[test]
fn a_server_without_room_says_so() {
    let Some(server) = Server::start().unwrap() else {
        return;
    };
    let url = server.database().unwrap();
    server.limit_files(Some((16 << 20) + 4096)).unwrap();
    let fill = "CREATE TABLE fill AS SELECT repeat('x', 1900) FROM generate_series(1, 20000)";
    let full = server.ask(&url, fill).unwrap_err().to_string();
    assert!(full.contains("could not extend file"), "{full}");
    server.limit_files(None).unwrap();
    server.ask(&url, fill).unwrap();
}

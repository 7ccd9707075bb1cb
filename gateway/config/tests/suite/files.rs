//! Files and folders themselves: found, readable, closed, TOML.

use crate::support::{GATEWAY, PROVIDER, TENANT, World};

#[test]
fn an_empty_folder_says_what_to_put_there() {
    let mut world = World::bare();
    world.sources.directories.remove(0);
    world.refused(&[
        "own: has no `default.toml`: copy the one that Vestibule is shipped with",
        "own: has no `clouds.toml`: copy the one that Vestibule is shipped with",
        "own: has no `environments/worldwide.toml`: known environments are none",
        "own: has no `tenants/*.toml`: a gateway without a tenant serves nothing",
        "own: warning: has no `providers/*.toml`: nobody can sign in",
    ]);
}

#[test]
fn a_missing_folder_is_named_and_nothing_else_is_said_to_be_missing() {
    let mut world = World::new();
    world.sources.directories.push(world.path("gone"));
    world.refused(&["gone: there is no such folder: name one with `--config DIR`"]);
}

#[test]
fn an_unknown_environment_lists_those_there_are() {
    World::new().environment("gcc-hihg").refused(&[
        "shipped, own: has no `environments/gcc-hihg.toml`: known environments are china-21vianet, dod, gcc, gcc-high, worldwide",
    ]);
}

#[test]
fn a_gateway_without_providers_is_warned_about() {
    World::new()
        .without("own/providers/openid.toml")
        .warned(&["shipped, own: warning: has no `providers/*.toml`: nobody can sign in"]);
}

#[test]
fn what_is_not_toml_is_shown_by_line_and_column() {
    World::new()
        .file(
            "own/tenants/contoso.toml",
            "display_name = \"Contoso\"\nhosts = [\n\"a\" \"b\"]\n",
        )
        .refused(&[
            "own/tenants/contoso.toml:3:5: not TOML: missing comma between array elements, expected `,`",
        ]);
    World::new()
        .gateway("[limits]\nconnections = 1\nconnections = 2\n")
        .refused(&["own/default.toml:9:1: not TOML: duplicate key"]);
}

#[test]
fn a_broken_file_does_not_hide_what_is_wrong_with_the_others() {
    World::new().file("own/tenants/contoso.toml", "=").provider("tenants = [\"contoso\"]\norder = -1\n").refused(&[
        "own/providers/openid.toml:7:1: order: must be at least 0",
        "own/tenants/contoso.toml:1:1: not TOML: unquoted keys cannot be empty, expected letters, numbers, `-`, `_`",
    ]);
}

#[test]
fn what_is_not_utf_8_is_refused() {
    let world = World::new();
    std::fs::write(
        world.path("own/tenants/contoso.toml"),
        b"display_name = \"\xff\"",
    )
    .unwrap();
    world.refused(&["own/tenants/contoso.toml: cannot be read as UTF-8 text: stream did not contain valid UTF-8"]);
}

#[test]
fn a_file_that_others_can_write_is_refused() {
    for mode in [0o620, 0o602, 0o666] {
        World::new()
            .mode("own/tenants/contoso.toml", mode)
            .refused(&[
                "own/tenants/contoso.toml: can be written by others: run `chmod go-w` on it",
            ]);
    }
    World::new()
        .mode("own/tenants/contoso.toml", 0o644)
        .warned(&[]);
}

#[test]
fn a_folder_in_place_of_a_file_is_refused() {
    let world = World::new().without("own/tenants/contoso.toml");
    std::fs::create_dir(world.path("own/tenants/contoso.toml")).unwrap();
    world.refused(&["own/tenants/contoso.toml: is not a regular file"]);
}

#[test]
fn a_file_under_the_wrong_name_is_not_overlooked() {
    World::new()
        .file("own/defaults.toml", GATEWAY)
        .file("own/tenant/contoso.toml", TENANT)
        .file("own/woodgrove.toml", TENANT)
        .refused(&[
            "own/defaults.toml: is not read: did you mean `default.toml`?",
            "own/tenant: is not read: did you mean `tenants`?",
            "own/woodgrove.toml: is not read: `default.toml`, `clouds.toml`, `environments/`, `tenants/` and `providers/` are",
        ]);
    World::new()
        .file("own/notes.txt", "")
        .file("own/tls/key.pem", "")
        .warned(&[]);
}

#[test]
fn a_files_name_is_an_identifier() {
    World::new().file("own/tenants/Woodgrove Bank.toml", "").file("own/providers/A.toml", PROVIDER).refused(&[
        "own/providers/A.toml:1:1: `A` is not an identifier: 1 to 64 of a-z, 0-9 and `-`, starting with a letter or digit",
        "own/tenants/Woodgrove Bank.toml:1:1: `Woodgrove Bank` is not an identifier: 1 to 64 of a-z, 0-9 and `-`, starting with a letter or digit",
        "own/tenants/Woodgrove Bank.toml:1:1: display_name: is required: name the tenant for people",
        "own/tenants/Woodgrove Bank.toml:1:1: hosts: is required: list the host names that the tenant answers on",
        "own/tenants/Woodgrove Bank.toml:1:1: sharing.SharingCapability: is required: say how far the tenant shares, from `Disabled` to `ExternalUserAndGuestSharing`",
        "own/tenants/Woodgrove Bank.toml:1:1: sites: is required: a tenant without a site serves nothing, add `[sites.NAME]`",
    ]);
}

//! Paths of document servers that are for members of the tenant only.
//!
//! Behind them lie administration, and interfaces that name items in arguments or bodies, where no rule about paths
//! can see them: one allowed address would hide many. Guests and bearers of links are refused whatever they were
//! granted.

use gateway_core::path::ItemPath;

/// Segments, in lower case, that end a guest's way wherever they stand in a path.
///
/// - `_layouts`, `_admin`, `_vti_*`, `_windows`, `_trust`, `_catalogs`: pages and services of SharePoint, `ToolPane.aspx`
///   and the metadata endpoint among them.
/// - `_api`: its REST interface, which addresses items by argument.
/// - `$batch`: many requests in the body of one.
///
/// Source: security rows S048, S173, S174, S177.
pub const SEGMENTS: [&str; 12] = [
    "$batch",
    "_admin",
    "_api",
    "_catalogs",
    "_layouts",
    "_trust",
    "_vti_adm",
    "_vti_aut",
    "_vti_bin",
    "_vti_cnf",
    "_vti_pvt",
    "_windows",
];

/// Whether `path` leads through one of [`SEGMENTS`].
#[must_use]
pub fn only(path: &ItemPath) -> bool {
    path.segments().any(|segment| {
        // Windows servers read a name without its trailing dots and spaces.
        let name = segment.trim_end_matches(['.', ' ']);
        SEGMENTS
            .iter()
            .any(|listed| listed.eq_ignore_ascii_case(name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(raw: &str, want: bool) {
        assert_eq!(only(&ItemPath::parse(raw).unwrap()), want, "{raw}");
    }

    #[test]
    fn sec_173_administration_is_for_members() {
        check("/_layouts/15/ToolPane.aspx", true);
        check("/sites/projects/_LAYOUTS/SignOut.aspx", true);
        check("/sites/projects/_vti_bin/owssvr.dll", true);
        check("/sites/projects/%5fvti_bin/x", true);
        check("/sites/projects/_layouts./x", true);
        check("/sites/projects/layouts/x", false);
        check("/sites/projects/my_layouts", false);
    }

    #[test]
    fn sec_177_interfaces_that_hide_items_are_for_members() {
        check("/_api/$batch", true);
        check("/v1.0/%24batch", true);
        check(
            "/sites/projects/_api/web/getfilebyserverrelativeurl('x')",
            true,
        );
        check("/sites/projects/$batches", false);
    }
}

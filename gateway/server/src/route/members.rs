//! Paths of document servers that are for members of the tenant only.
//!
//! Behind them lie administration, and interfaces that name items in arguments or bodies, where no rule about paths
//! can see them: one allowed address would hide many. Guests and bearers of links are refused whatever they were
//! granted.
//!
//! For the same reason two kinds of request are for members only wherever they lead: SEARCH and REPORT, whose bodies
//! name items (RFC 5323, RFC 3253 section 3.6), and an `If` header about other items (`condition.rs`).

use gateway_core::path::ItemPath;

/// Segments, in lower case, that end a guest's way wherever they stand in a path. So does all that begins with
/// [`FRONT_PAGE`].
///
/// - `_layouts`, `_admin`, `_windows`, `_trust`, `_catalogs`: pages and services of SharePoint, `ToolPane.aspx`
///   and the metadata endpoint among them.
/// - `_api`: its REST interface, which addresses items by argument.
/// - `$batch`: many requests in the body of one.
///
/// Source: security rows S048, S173, S174, S177.
pub const SEGMENTS: [&str; 7] = [
    "$batch",
    "_admin",
    "_api",
    "_catalogs",
    "_layouts",
    "_trust",
    "_windows",
];

/// The beginning, in lower case, of every segment of the FrontPage extensions: `_vti_bin`, `_vti_history` and whatever
/// else a server has.
pub const FRONT_PAGE: &str = "_vti_";

/// Whether `path` leads through one of [`SEGMENTS`], or one that begins with [`FRONT_PAGE`].
#[must_use]
pub fn only(path: &ItemPath) -> bool {
    path.segments().any(|segment| {
        // Windows servers read a name without its trailing dots and spaces.
        let name = segment.trim_end_matches(['.', ' ']);
        let front_page = name
            .get(..FRONT_PAGE.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(FRONT_PAGE));
        front_page
            || SEGMENTS
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
        check("/sites/projects/_vti_history/512/a", true);
        check("/sites/projects/_VTI_Script/x", true);
        check("/sites/projects/_vtifan", false);
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

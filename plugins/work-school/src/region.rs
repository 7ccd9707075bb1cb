//! Which cloud a tenant lives in, as its own document tells.
//!
//! Source: specification "clouds and identity", A.1.

use plugins_oidc::TokenRejected;
use plugins_oidc::entra::Authority;
use serde::Deserialize;

/// The clouds whose tenants are known apart from those of another cloud at the same authority, each with the
/// `tenant_region_sub_scope` of its tenants; none where they have none.
const SUB_SCOPES: [(&str, Option<&str>); 4] = [
    ("worldwide", None),
    ("gcc", Some("GCC")),
    ("gcc-high", Some("DODCON")),
    ("dod", Some("DOD")),
];

/// The region of US Government tenants that cannot collaborate with others at all.
const ALONE: &str = "USG";

/// What the document of a tenant must say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Region {
    sub_scope: Option<String>,
}

/// The members of a tenant's discovery document that tell where it lives.
#[derive(Deserialize)]
struct Document {
    issuer: String,
    cloud_instance_name: Option<String>,
    tenant_region_scope: Option<String>,
    tenant_region_sub_scope: Option<String>,
}

impl Region {
    /// The region of a cloud.
    ///
    /// - `given`: the setting `region_sub_scope`; empty for tenants that have none.
    ///
    /// Returns `None` where nothing tells the cloud's tenants from those of another cloud at its authority.
    pub(crate) fn of(authority: &Authority, given: Option<&str>) -> Option<Self> {
        let known = SUB_SCOPES
            .iter()
            .find(|(cloud, _)| *cloud == authority.cloud);
        let sub_scope = match (given, known) {
            (Some(given), _) => Some(given).filter(|given| !given.is_empty()),
            (None, Some((_, sub_scope))) => *sub_scope,
            (None, None) if authority.shared => return None,
            (None, None) => None,
        };
        Some(Self {
            sub_scope: sub_scope.map(str::to_owned),
        })
    }

    /// Whether a tenant lives in the cloud.
    ///
    /// - `tenant`: of a verified token.
    /// - `document`: its discovery document, from the cloud's own authority.
    ///
    /// # Errors
    /// [`TokenRejected::Cloud`] unless every member says so.
    pub(crate) fn check(
        &self,
        authority: &Authority,
        tenant: &str,
        document: &str,
    ) -> Result<(), TokenRejected> {
        let document: Document = serde_json::from_str(document)
            .map_err(|_| TokenRejected::Cloud("its document cannot be read"))?;
        // An authority also describes tenants of other instances: that it answers says nothing.
        if document.issuer != authority.issuer(tenant) {
            return Err(TokenRejected::Cloud("its document is that of another"));
        }
        if document.cloud_instance_name.as_deref() != Some(&authority.instance) {
            return Err(TokenRejected::Cloud("it lives in another instance"));
        }
        let said = |member: &Option<String>| {
            let text = member.as_deref().unwrap_or_default();
            text.to_ascii_uppercase()
        };
        if said(&document.tenant_region_scope) == ALONE {
            return Err(TokenRejected::Cloud("its region collaborates with nobody"));
        }
        let expected = self.sub_scope.as_deref().unwrap_or_default();
        if said(&document.tenant_region_sub_scope) != expected.to_ascii_uppercase() {
            return Err(TokenRejected::Cloud(
                "`tenant_region_sub_scope` is that of another cloud",
            ));
        }
        Ok(())
    }
}

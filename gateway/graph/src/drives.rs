//! Sites, drives and items: a site of the configuration is a site with one drive, and what the upstream has are its
//! items.
//!
//! Source: specification "Graph API" 3.1.

pub(crate) mod address;
mod change;
mod content;
mod delta;
pub(crate) mod head;
pub(crate) mod ids;
mod items;
pub(crate) mod list;
pub(crate) mod order;
pub(crate) mod places;
pub mod rights;
pub(crate) mod shape;
mod sites;
#[cfg(test)]
pub(crate) mod tests;
pub mod ticket;
pub(crate) mod upload;

use std::sync::Arc;

use gateway_config::model::{Configuration, Site, Tenant};
use gateway_core::id::LinkId;
use gateway_core::path::ItemPath;
use gateway_core::policy::Denial;
use gateway_store::model::{LinkEntry, PermissionEntry};
use http::{Method, StatusCode};

use crate::api::Api;
use crate::caller::{Caller, CallerKind};
use crate::error::{ApiError, Area};
use crate::request::Request;
use crate::response::Response;
use crate::sharing;
use crate::surroundings::{
    BesideThePoint, DocumentAsk, DocumentRequest, DocumentResponse, Item, NoDocument, Surroundings,
};
use address::{Address, Deed, Owner, Place, ShareDeed};
use head::Head;
use rights::{MAY_READ, MAY_WRITE, Rights};

/// A call about documents: everything but the body of an upload.
pub(crate) struct Call<'a> {
    /// The gateway.
    pub(crate) around: &'a dyn Surroundings,
    /// The configuration, read once.
    pub(crate) configuration: Arc<Configuration>,
    /// Who calls.
    pub(crate) caller: &'a Caller,
    /// What was sent.
    pub(crate) head: Head,
    /// Links that the caller showed.
    pub(crate) links: Vec<LinkId>,
}

/// An item that a call is about.
#[derive(Clone, Debug)]
pub(crate) struct Located<'a> {
    /// Its site.
    pub(crate) site: &'a Site,
    /// Where it is.
    pub(crate) path: ItemPath,
}

/// Answers a call about documents and sharing.
///
/// # Errors
/// [`ApiError`].
pub(crate) async fn answer(
    api: &Api,
    caller: &Caller,
    request: Request,
) -> Result<Response, ApiError> {
    let around = api.surroundings();
    let address = address::read(&request.segments).ok_or(ApiError::not_found(Area::Files))?;
    let (head, body) = Head::read(request)?;
    let call = Call {
        around,
        configuration: around.configuration(),
        caller,
        head,
        links: Vec::new(),
    };
    let writes = call.head.method != Method::GET && call.head.method != Method::HEAD;
    caller.require(if writes { MAY_WRITE } else { MAY_READ }, Area::Files)?;
    match address {
        Address::Missing(why) => Err(not_supported(why)),
        Address::Sites => sites::all(&call).await,
        Address::Site(name) => sites::one(&call, &name).await,
        Address::Drives(owner) => sites::drives(&call, &owner).await,
        Address::Drive(owner) => sites::drive(&call, &owner).await,
        Address::Share(token, deed) => sharing::shares::answer(call, &token, deed).await,
        Address::Item(owner, place, deed) => {
            let located = call.locate(&owner, &place).await?;
            match deed {
                Deed::Item => items::item(&call, &located).await,
                Deed::Children => items::children(&call, &located).await,
                Deed::Content => content::answer(&call, &located, body).await,
                Deed::Delta(token) => delta::answer(&call, &located, token).await,
                Deed::UploadSession => upload::create(&call, &located, api.uploads()).await,
                Deed::ListItem => Err(not_supported("the upstream has no lists")),
                Deed::Invite
                | Deed::CreateLink
                | Deed::Permissions
                | Deed::Permission(_)
                | Deed::Grant(_)
                | Deed::RevokeGrants(_) => sharing::answer(&call, &located, deed).await,
            }
        }
    }
}

/// What Graph has and this gateway has not.
pub(crate) fn not_supported(why: &str) -> ApiError {
    let message = format!("Not supported: {why}.");
    ApiError::new(StatusCode::NOT_IMPLEMENTED, "notSupported", message)
}

impl Call<'_> {
    /// The caller's tenant.
    ///
    /// # Errors
    /// [`ApiError`] with 404 where it is not configured.
    pub(crate) fn tenant(&self) -> Result<&Tenant, ApiError> {
        let tenants = &self.configuration.tenants;
        tenants
            .get(&self.caller.tenant)
            .ok_or(ApiError::not_found(Area::Files))
    }

    /// Refuses other methods.
    pub(crate) fn only(&self, methods: &[Method], allow: &'static str) -> Result<(), ApiError> {
        let method = match &self.head.method {
            &Method::HEAD => &Method::GET,
            method => method,
        };
        if methods.contains(method) {
            Ok(())
        } else {
            Err(ApiError::method_not_allowed(Area::Files, allow))
        }
    }

    /// The item that is named.
    ///
    /// # Errors
    /// [`ApiError`] with 404 where the name leads nowhere.
    pub(crate) async fn locate(
        &self,
        owner: &Owner,
        place: &Place,
    ) -> Result<Located<'_>, ApiError> {
        let site = self.drive_of(owner)?;
        let tenant = self.tenant()?;
        let path = match place {
            Place::Root => site.path.clone(),
            Place::Path(text) => places::below(&site.path, text)?,
            Place::Id(id) => self.by_id(site, id).await?,
            Place::Below(id, text) => places::below(&self.by_id(site, id).await?, text)?,
        };
        // A site may lie in the folders of another: what is there is no item of this drive.
        let covering = places::covering(tenant, &path).map(|site| &site.id);
        if covering != Some(&site.id) {
            return Err(ApiError::not_found(Area::Files));
        }
        Ok(Located { site, path })
    }

    /// The site whose drive is named.
    fn drive_of(&self, owner: &Owner) -> Result<&Site, ApiError> {
        let tenant = self.tenant()?;
        let site = match owner {
            Owner::Site(name) => places::site(tenant, name),
            Owner::Drive(id) => places::by_drive(tenant, id),
            Owner::Me => match &self.caller.kind {
                CallerKind::Person { address, .. } => address
                    .as_ref()
                    .and_then(|own| places::personal(tenant, own.local())),
                CallerKind::Application { .. } | CallerKind::Operator => None,
            },
            Owner::User(name) => places::personal_of(tenant, name),
        };
        site.ok_or(ApiError::not_found(Area::Files))
    }

    async fn by_id(&self, site: &Site, id: &str) -> Result<ItemPath, ApiError> {
        list::path(self, site, id)
            .await?
            .ok_or(ApiError::not_found(Area::Files))
    }

    /// Asks the upstream.
    ///
    /// # Errors
    /// [`ApiError`].
    pub(crate) async fn ask(
        &self,
        located: &Located<'_>,
        ask: DocumentAsk,
    ) -> Result<DocumentResponse, ApiError> {
        Ok(self.asked(located, ask).await?)
    }

    /// The same, for whoever tells the reasons apart.
    pub(crate) async fn asked(
        &self,
        located: &Located<'_>,
        ask: DocumentAsk,
    ) -> Result<DocumentResponse, NoDocument> {
        let request = DocumentRequest {
            site: located.site.id.clone(),
            path: located.path.clone(),
            ask,
            now: self.head.now,
            client: self.head.client,
            id: self.head.id.clone(),
            links: self.links.clone(),
        };
        self.around.documents(self.caller, request).await
    }

    /// What the item is.
    ///
    /// # Errors
    /// [`ApiError`] with 404 where there is none.
    pub(crate) async fn stat(&self, located: &Located<'_>) -> Result<Item, ApiError> {
        let found = self.find(located).await?;
        found.ok_or(ApiError::not_found(Area::Files))
    }

    /// What the item is, where there is one.
    pub(crate) async fn find(&self, located: &Located<'_>) -> Result<Option<Item>, ApiError> {
        Ok(self.ask(located, DocumentAsk::Stat).await?.item()?)
    }

    /// Looks at the directory, for decisions about `items`.
    pub(crate) async fn look(
        &self,
        items: Vec<(gateway_core::id::SiteId, ItemPath)>,
    ) -> Result<Arc<gateway_store::directory::View>, ApiError> {
        let wanted = Rights::wanted(&self.configuration, self.caller, items, &self.links);
        let view = self.around.directory().look(&wanted).await;
        view.map_err(|error| ApiError::store(Area::Files, &error))
    }

    /// What was granted on the item and above it.
    pub(crate) async fn permissions_on(
        &self,
        located: &Located<'_>,
    ) -> Result<Vec<PermissionEntry>, ApiError> {
        let Located { site, path } = located;
        let (directory, case) = (self.around.directory(), site.settings.path_case);
        let found = directory
            .permissions_on(&self.caller.tenant, &site.id, path, case)
            .await;
        found.map_err(|error| ApiError::store(Area::Files, &error))
    }

    /// The links on the item and above it.
    pub(crate) async fn links_on(&self, located: &Located<'_>) -> Result<Vec<LinkEntry>, ApiError> {
        let Located { site, path } = located;
        let (directory, case) = (self.around.directory(), site.settings.path_case);
        let found = directory
            .links_on(&self.caller.tenant, &site.id, path, case)
            .await;
        found.map_err(|error| ApiError::store(Area::Files, &error))
    }

    /// The caller's rights in that view.
    pub(crate) fn rights<'v>(&'v self, view: &'v gateway_store::directory::View) -> Rights<'v> {
        Rights {
            configuration: &self.configuration,
            view,
            caller: self.caller,
            client: self.head.client,
            links: &self.links,
        }
    }
}

/// A refusal by the rules: 403 with the documented code, in camelCase as codes are here.
pub(crate) fn denied(code: &str) -> ApiError {
    let message = format!("Access is denied ({code}).");
    ApiError::new(StatusCode::FORBIDDEN, "accessDenied", message).with_inner(camel(code))
}

/// The same for a denial.
pub(crate) fn refused(denial: Denial) -> ApiError {
    denied(denial.code())
}

/// `site-locked` as `siteLocked`.
pub(crate) fn camel(code: &str) -> String {
    let mut parts = code.split('-');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let mut letters = part.chars();
        out.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        out.push_str(letters.as_str());
    }
    out
}

/// What a share's token leads to is answered by [`crate::sharing`]; what it does with the item is done here.
pub(crate) async fn shared(
    call: &Call<'_>,
    located: &Located<'_>,
    deed: ShareDeed,
) -> Result<Response, ApiError> {
    match deed {
        ShareDeed::Item => items::item(call, located).await,
        ShareDeed::Children => items::children(call, located).await,
        ShareDeed::Content => content::answer(call, located, None).await,
        ShareDeed::Site => sites::of(call, located.site).await,
        ShareDeed::Share | ShareDeed::Permission | ShareDeed::Grant => Err(BesideThePoint.into()),
    }
}

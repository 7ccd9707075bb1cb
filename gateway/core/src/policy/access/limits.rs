//! Rules about the file: whether it has been scanned, whose names it gives away, and what of it may leave.

use super::conditional::limited_access;
use super::person::{administers, grounds};
use super::place::any_of;
use super::{Case, Finding, deny, not_applicable, pass};
use crate::action::Action;
use crate::file::{FileClass, class};
use crate::policy::{Basis, Denial, Shown};
use crate::settings::Source;
use crate::settings::effective::{
    allow_editing, block_download_links, limited_file_type, user_info,
};
use crate::settings::words::{
    BlockDownloadLinksFileType, BlockUserInfoVisibility, LimitedAccessFileType,
    MarkNewFilesSensitive,
};
use crate::sharing::{ItemKind, LinkType, Scan, SharingLink};

pub(super) fn person_file_conditions(case: &Case<'_>) -> Finding {
    file_conditions(case, grounds(case).owner)
}

pub(super) fn link_file_conditions(case: &Case<'_>) -> Finding {
    file_conditions(case, false)
}

/// - `owner`: whether the person owns the item by a permission.
fn file_conditions(case: &Case<'_>, owner: bool) -> Finding {
    match case.question.action {
        Action::View | Action::Download | Action::Edit => scan(case),
        Action::ReadUserInfo => names(case, owner),
        Action::Create | Action::Delete => not_applicable(Basis::NONE),
    }
}

fn scan(case: &Case<'_>) -> Finding {
    let setting = case.facts.tenant.sharing.new_files;
    let word = Shown::Word(setting.name());
    let basis = Basis::new("MarkNewFilesSensitiveByDefault", word, Source::Tenant);
    let closed = setting == MarkNewFilesSensitive::BlockExternalSharing;
    if !closed || case.who.is_member() || !may_be_file(case) {
        not_applicable(basis)
    } else if case.facts.item.scan == Scan::Passed {
        pass(basis)
    } else {
        deny(Denial::FileNotScanned, basis)
    }
}

fn names(case: &Case<'_>, owner: bool) -> Finding {
    use BlockUserInfoVisibility as Hidden;
    let setting = user_info(case.facts.tenant, case.facts.site);
    let word = Shown::Word(setting.value.name());
    let basis = Basis::new(setting.setting, word, setting.source);
    let hidden = match setting.value {
        Hidden::ApplyToNoUsers => false,
        Hidden::ApplyToAllUsers => true,
        Hidden::ApplyToGuestAndExternalUsers => !case.who.is_member(),
        Hidden::ApplyToInternalUsers => case.who.is_member(),
    };
    if hidden && !owner {
        deny(Denial::UserInfoHidden, basis)
    } else {
        pass(basis)
    }
}

/// What is not known to be something else may be a file.
const fn may_be_file(case: &Case<'_>) -> bool {
    match case.facts.item.kind {
        ItemKind::File | ItemKind::Unknown => true,
        ItemKind::Site | ItemKind::Library | ItemKind::Folder | ItemKind::ListItem => false,
    }
}

pub(super) fn person_downloads(case: &Case<'_>) -> Finding {
    let refused = download_policy(case, exempt(case))
        .or_else(|| limited(case))
        .or_else(|| preview_only(case, case.found.serves));
    refused.unwrap_or(pass(policy_basis(case)))
}

/// Bearers of links are not affected by what is limited on unmanaged devices. Nor is anybody exempt here: whether a guest
/// who shows a link as well still is one has not been judged.
///
/// Source: specification "sharing rules" 1.6.
pub(super) fn link_downloads(case: &Case<'_>) -> Finding {
    let refused = download_policy(case, false).or_else(|| preview_only(case, case.borne.serves));
    refused.unwrap_or(pass(policy_basis(case)))
}

fn policy_basis(case: &Case<'_>) -> Basis {
    let on = Shown::Flag(case.facts.site.sharing.block_download);
    Basis::new("BlockDownloadPolicy", on, Source::Site)
}

/// Whether the policy on downloads spares the person.
fn exempt(case: &Case<'_>) -> bool {
    let site = &case.facts.site.sharing;
    let owner = grounds(case).owner || administers(case);
    (site.block_download_owners && owner)
        || any_of(&site.block_download_groups.0, case.who.groups(case.facts))
}

fn download_policy(case: &Case<'_>, exempt: bool) -> Option<Finding> {
    let site = &case.facts.site.sharing;
    let action = case.question.action;
    let read_only = site.block_download_read_only && action.writes();
    if !site.block_download || !(read_only || action == Action::Download) {
        return None;
    }
    if exempt {
        None
    } else if read_only {
        let name = "ReadOnlyForBlockDownloadPolicy";
        let basis = Basis::new(name, Shown::Flag(true), Source::Site);
        Some(deny(Denial::SiteReadOnly, basis))
    } else {
        Some(deny(Denial::DownloadBlocked, policy_basis(case)))
    }
}

/// What limited access, on devices that are not managed, leaves.
fn limited(case: &Case<'_>) -> Option<Finding> {
    use LimitedAccessFileType as Limited;
    limited_access(case)?;
    let (tenant, site) = (case.facts.tenant, case.facts.site);
    let action = case.question.action;
    if action.writes() {
        let editing = allow_editing(tenant, site);
        return (!editing.value).then(|| deny(Denial::EditingBlocked, editing.into()));
    }
    if !may_be_file(case) {
        return None;
    }
    let setting = limited_file_type(tenant, site);
    let class = class(&case.question.target.path);
    let allowed = match (action, setting.value, class) {
        // What cannot be shown at all is handed out, where that is allowed.
        (Action::Download, Limited::OtherFiles, FileClass::Other)
        | (Action::View, Limited::OtherFiles, _)
        | (
            Action::View,
            Limited::WebPreviewableFiles,
            FileClass::ServerRendered | FileClass::WebPreviewable,
        )
        | (Action::View, Limited::OfficeOnlineFilesOnly, FileClass::ServerRendered) => true,
        (Action::Download | Action::View, _, _) => false,
        (Action::Edit | Action::Create | Action::Delete | Action::ReadUserInfo, _, _) => true,
    };
    let word = Shown::Word(setting.value.name());
    let basis = Basis::new(setting.setting, word, setting.source);
    (!allowed).then(|| deny(Denial::DownloadBlocked, basis))
}

/// What a link that blocks downloads may show.
fn preview_only(case: &Case<'_>, link: Option<&SharingLink>) -> Option<Finding> {
    use BlockDownloadLinksFileType as Shows;
    if link?.kind != LinkType::BlocksDownload
        || case.question.action != Action::View
        || !may_be_file(case)
    {
        return None;
    }
    let setting = block_download_links(case.facts.tenant, case.facts.site);
    let class = class(&case.question.target.path);
    let allowed = match (setting.value, class) {
        (_, FileClass::ServerRendered)
        | (Shows::WebPreviewableFiles, FileClass::WebPreviewable) => true,
        (Shows::ServerRenderedFilesOnly, FileClass::WebPreviewable) | (_, FileClass::Other) => {
            false
        }
    };
    let word = Shown::Word(setting.value.name());
    let basis = Basis::new(setting.setting, word, setting.source);
    (!allowed).then(|| deny(Denial::DownloadBlocked, basis))
}

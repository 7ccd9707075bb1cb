//! What remains closed although access is granted.
//!
//! Source: specification "sharing rules" 1.4 to 1.7 and 2.5.

use gateway_core::action::Action;
use gateway_core::file::{self, FileClass};
use gateway_core::policy::Denial;
use gateway_core::settings::words::{
    BlockDownloadLinksFileType, BlockUserInfoVisibility, LimitedAccessFileType,
    MarkNewFilesSensitive, TenantConditionalAccess,
};
use gateway_core::sharing::{ItemKind, Scan};

use crate::access::As;
use crate::grants::Basis;
use crate::world::AccessWorld;
use crate::{Judged, deny_if};

impl AccessWorld {
    fn perhaps_a_file(&self) -> bool {
        matches!(self.item.kind, ItemKind::File | ItemKind::Unknown)
    }

    pub(crate) fn file_conditions(&self, who: As, basis: &Basis) -> Judged {
        let inside = who == As::Person && self.member();
        let closed = self.place.sharing().new_files == MarkNewFilesSensitive::BlockExternalSharing;
        let opens = matches!(self.action, Action::View | Action::Download | Action::Edit);
        let scanned = self.item.scan == Scan::Passed;
        deny_if(
            closed && !inside && opens && self.perhaps_a_file() && !scanned,
            Denial::FileNotScanned,
        )?;
        if self.action == Action::ReadUserInfo {
            let hidden = match self.place.user_info() {
                BlockUserInfoVisibility::ApplyToNoUsers => false,
                BlockUserInfoVisibility::ApplyToAllUsers => true,
                BlockUserInfoVisibility::ApplyToGuestAndExternalUsers => !inside,
                BlockUserInfoVisibility::ApplyToInternalUsers => inside,
            };
            deny_if(hidden && !basis.owner, Denial::UserInfoHidden)?;
        }
        Ok(())
    }

    pub(crate) fn download_limits(&self, who: As, basis: &Basis) -> Judged {
        if self.place.local().block_download && !self.may_download_all_the_same(who, basis) {
            deny_if(self.action == Action::Download, Denial::DownloadBlocked)?;
            let read_only = self.place.local().block_download_read_only;
            deny_if(read_only && self.action.writes(), Denial::SiteReadOnly)?;
        }
        let class = file::class(&self.path);
        let bound = !self.ad_hoc() || self.place.sharing().restrict_ad_hoc;
        let limited = who == As::Person
            && bound
            && self.place.devices() == TenantConditionalAccess::AllowLimitedAccess
            && !self.principal.client.managed_device;
        if limited {
            let edits = self.place.allow_editing();
            deny_if(self.action.writes() && !edits, Denial::EditingBlocked)?;
            let files = self.place.limited_files();
            let blocked = match self.action {
                Action::Download => {
                    !(files == LimitedAccessFileType::OtherFiles && class == FileClass::Other)
                }
                Action::View => match files {
                    LimitedAccessFileType::OfficeOnlineFilesOnly => {
                        class != FileClass::ServerRendered
                    }
                    LimitedAccessFileType::WebPreviewableFiles => class == FileClass::Other,
                    LimitedAccessFileType::OtherFiles => false,
                },
                Action::Edit | Action::Create | Action::Delete | Action::ReadUserInfo => false,
            };
            deny_if(self.perhaps_a_file() && blocked, Denial::DownloadBlocked)?;
        }
        let shown = match self.place.block_download_links() {
            BlockDownloadLinksFileType::ServerRenderedFilesOnly => {
                class == FileClass::ServerRendered
            }
            BlockDownloadLinksFileType::WebPreviewableFiles => class != FileClass::Other,
        };
        let views = self.action == Action::View && self.perhaps_a_file();
        deny_if(basis.guarded && views && !shown, Denial::DownloadBlocked)
    }

    fn may_download_all_the_same(&self, who: As, basis: &Basis) -> bool {
        if who == As::Bearer {
            return false;
        }
        let administers = self
            .guest()
            .is_some_and(|guest| guest.administers.contains(&self.place.site_id));
        let owner = administers || basis.owner;
        let groups = &self.place.local().block_download_groups.0;
        (self.place.local().block_download_owners && owner)
            || groups.iter().any(|group| self.in_group(group))
    }
}

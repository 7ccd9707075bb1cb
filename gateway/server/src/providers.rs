//! Loads and opens the configured identity providers. One that cannot be had is left out and said so: the
//! others, and the proxying, go on.

use std::collections::BTreeMap;
use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gateway_config::model::{Configuration, Isolation, Provider};
use gateway_core::id::ProviderId;
use gateway_plugin_host::{
    self as plugin_host, Expectations, FileHash, Instance, Library, Limits, OpenFailed, Refused,
};
use plugins_sdk::message::{CloudEndpoints, OpenRequest};

/// Why a configured provider is not there.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProviderMissing {
    /// Its library was refused.
    #[error(transparent)]
    Library(#[from] Refused),
    /// The library did not open with these settings.
    #[error(transparent)]
    Open(#[from] OpenFailed),
    /// The library is of another kind than the configuration trusts it as.
    #[error(
        "the plugin is a `{found}` provider, the configuration says `{configured}`: set `kind` to what it is"
    )]
    OtherKind {
        /// What the plugin says.
        found: String,
        /// What the configuration says.
        configured: String,
    },
}

/// The providers that are there, and why the others are not.
#[derive(Debug, Default)]
pub(crate) struct Opened {
    /// Ready for sign-ins.
    pub(crate) instances: BTreeMap<ProviderId, Instance>,
    /// Left out.
    pub(crate) missing: Vec<(ProviderId, ProviderMissing)>,
}

/// The secret of a provider instance.
pub(crate) type InstanceKey<'a> = dyn Fn(&ProviderId) -> [u8; 32] + 'a;

/// Name of the program that runs libraries apart.
const RUNNER: &str = "vestibule-plugin-runner";

/// Opens every provider of `configuration`. Blocks: reads files and waits for the plugins.
#[must_use]
pub(crate) fn open(configuration: &Configuration, instance_key: &InstanceKey<'_>) -> Opened {
    let mut opened = Opened::default();
    for (id, provider) in &configuration.providers {
        match open_one(provider, configuration, instance_key) {
            Ok(instance) => drop(opened.instances.insert(id.clone(), instance)),
            Err(reason) => opened.missing.push((id.clone(), reason)),
        }
    }
    opened
}

/// Opens one provider in the surroundings of `configuration`, among whose providers it need not be. Blocks as [`open`].
///
/// # Errors
/// [`ProviderMissing`].
pub(crate) fn open_one(
    provider: &Provider,
    configuration: &Configuration,
    instance_key: &InstanceKey<'_>,
) -> Result<Instance, ProviderMissing> {
    let plugins = &configuration.gateway.plugins;
    let expectations = Expectations {
        trust_root: plugins.trust_root.clone(),
        limits: Limits {
            deadline: plugins.step_deadline,
            ..Limits::default()
        },
        isolation: match provider.isolation {
            Isolation::None => plugin_host::Isolation::None,
            Isolation::Process => plugin_host::Isolation::Process {
                runner: plugins.runner.clone().unwrap_or_else(runner),
            },
        },
        ..Expectations::new(&plugins.directory, Some(FileHash::from(provider.sha256)))
    };
    let library = Library::load(&provider.plugin, &expectations)?;
    let (found, configured) = (&library.description().kind, provider.trust.kind.as_str());
    if found != configured {
        return Err(ProviderMissing::OtherKind {
            found: found.clone(),
            configured: configured.to_owned(),
        });
    }
    let request = OpenRequest {
        id: provider.id.as_str().to_owned(),
        cloud: configuration.cloud.as_str().to_owned(),
        clouds: endpoints(configuration),
        instance_key: URL_SAFE_NO_PAD.encode(instance_key(&provider.id)),
        settings: provider.settings.0.clone(),
    };
    Ok(library.open(&request)?)
}

/// The runner that was built and installed with this program.
fn runner() -> PathBuf {
    let own = std::env::current_exe().unwrap_or_default();
    own.with_file_name(RUNNER)
}

fn endpoints(configuration: &Configuration) -> Vec<CloudEndpoints> {
    let clouds = configuration.clouds.0.iter();
    clouds
        .map(|(name, cloud)| CloudEndpoints {
            name: name.as_str().to_owned(),
            instance: cloud.instance.clone(),
            authority: cloud.authority.clone(),
            consumers: cloud.consumers,
        })
        .collect()
}

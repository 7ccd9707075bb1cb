//! Further gateways beside a world's own, on the same store and keys.

use std::fs;

use super::World;
use crate::api::Api;
use crate::gateway::Gateway;
use crate::{Outcome, ports};

/// A gateway of the same fleet; it is killed when this is dropped.
pub struct Companion {
    /// The gateway.
    pub gateway: Gateway,
    port: u16,
    api: String,
}

impl Companion {
    /// An address at a tenant, through this gateway.
    #[must_use]
    pub fn url(&self, tenant: &str, path: &str) -> String {
        format!("https://{tenant}.localhost:{}{path}", self.port)
    }

    /// `caller`, calling this gateway.
    #[must_use]
    pub fn api(&self, world: &World, caller: &Api) -> Api {
        Api::new(&world.network, &self.api, caller.token())
    }
}

impl World {
    /// Starts another gateway with the same configuration; where it listens, variables say.
    ///
    /// # Errors
    /// If it does not start.
    pub async fn companion(&self, name: &str) -> Outcome<Companion> {
        let folder = self.folder().join(name);
        fs::create_dir_all(&folder)?;
        let (port, operations, api) = (ports::free()?, ports::free()?, ports::free()?);
        let origin = format!("https://localhost:{api}");
        let mut call = self.gateway.call().clone();
        let mut set = |name: &str, value: String| {
            call.variables
                .push((format!("VESTIBULE__LISTEN__{name}"), value));
        };
        set("PUBLIC__ADDRESS", format!("127.0.0.1:{port}"));
        set("OPERATIONS__ADDRESS", format!("127.0.0.1:{operations}"));
        set("API__ADDRESS", format!("127.0.0.1:{api}"));
        set("API__ORIGIN", origin.clone());
        let inner = format!("http://127.0.0.1:{operations}");
        let log = folder.join("gateway.log");
        let gateway = Gateway::serve(call, &inner, &self.network, &log).await?;
        Ok(Companion {
            gateway,
            port,
            api: origin,
        })
    }
}

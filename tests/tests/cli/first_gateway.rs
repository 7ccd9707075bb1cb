//! What `config/README.md` tells a newcomer to write.

use std::fs;

use tests::certificates::{Authority, write_private};
use tests::overlay::Overlay;
use tests::{Outcome, ensure, plugins};

use crate::operator::{Ended, Operator, shipped};

const PLAN: &str = "https://files.contoso.com/projects/Plan.docx";

/// The TOML files that the reference shows in full, in their order.
fn shown() -> Outcome<Vec<String>> {
    let reference = fs::read_to_string(shipped().join("README.md"))?;
    let blocks = reference.split("```toml\n").skip(1);
    let content = |block: &str| block.split("```").next().unwrap_or_default().to_owned();
    Ok(blocks.map(content).collect())
}

#[tokio::test]
async fn the_gateway_of_the_reference_passes_check() -> Outcome {
    let operator = Operator::new()?;
    let mut overlay = Overlay::new(&operator.path("first/overlay"));
    let files = [
        "default.toml",
        "tenants/contoso.toml",
        "providers/fabrikam.toml",
    ];
    let shown = shown()?;
    ensure!(shown.len() == files.len(), "found {} files", shown.len());
    for (file, content) in files.iter().zip(&shown) {
        overlay.add(file, content)?;
    }
    let hash = plugins::sha256(operator.library().as_ref())?;
    overlay.set("providers/fabrikam.toml", "sha256", hash);
    overlay.write()?;
    let library = operator.path("plugins/openid.so");
    fs::rename(operator.library(), library)?;
    let server =
        Authority::create(&operator.path("first"))?.issue("files", &["files.contoso.com"])?;
    fs::copy(server.certificate, overlay.folder().join("chain.pem"))?;
    write_private(&overlay.folder().join("key.pem"), &fs::read(server.key)?)?;
    write_private(&overlay.folder().join("providers/client-secret"), b"secret")?;

    let mut call = operator.call()?;
    call.config = vec![shipped(), overlay.folder().to_owned()];
    call.variables = [
        ("VESTIBULE__PLUGINS__DIRECTORY", operator.text("plugins")),
        ("VESTIBULE__PLUGINS__TRUST_ROOT", operator.text("plugins")),
        ("VESTIBULE__STORE__PATH", operator.text("vestibule.db")),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec();
    let checked = Ended::from(call.run(&["check"]).await?).with(0)?;
    checked.says(&["ok:", "1 tenant, 1 provider"])?;
    ensure!(!checked.out.contains("warning"), "{}", checked.out);
    let explain = [
        "explain",
        "--person",
        "ada@fabrikam.com",
        "--url",
        PLAN,
        "--action",
        "view",
    ];
    let explained = Ended::from(call.run(&explain).await?).with(0)?;
    explained.says(&["the invitation can be redeemed"])?;
    Ok(())
}

//! The process that runs the code of a plugin that is judged, for programs without such a mode of their own.

use std::{env, io};

fn main() -> io::Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    gateway_plugin_kit::child(&arguments)
}

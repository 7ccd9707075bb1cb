//! `vestibule completions`: what a shell needs to complete the command line.

use std::io::{self, Write};

use clap::{Args, Command, ValueEnum};
use clap_complete::{Shell, generate};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  vestibule completions bash > /etc/bash_completion.d/vestibule
  vestibule completions zsh > /usr/share/zsh/site-functions/_vestibule
  vestibule completions fish > /etc/fish/completions/vestibule.fish")]
pub(super) struct Arguments {
    /// The shell.
    shell: Known,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Known {
    Bash,
    Zsh,
    Fish,
}

pub(super) fn run(
    arguments: &Arguments,
    mut program: Command,
    out: &mut dyn Write,
) -> io::Result<bool> {
    let shell = match arguments.shell {
        Known::Bash => Shell::Bash,
        Known::Zsh => Shell::Zsh,
        Known::Fish => Shell::Fish,
    };
    let mut script = Vec::new();
    generate(shell, &mut program, "vestibule", &mut script);
    out.write_all(&script)?;
    Ok(true)
}

//! `vestibule decide`: answers a file of questions by the rules alone, without configuration, store or gateway.

use std::fs;
use std::io::{self, Read, Write};
use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
#[command(after_help = "\
The format is described in tests/cases/README.md and by --schema. One answer a line, in the order of the file. \
Exit status: 0 answered, and as expected where a case expects something; 1 otherwise.")]
pub(super) struct Arguments {
    /// File of cases, JSON; `-` is standard input.
    #[arg(long, value_name = "FILE", required_unless_present = "schema")]
    file: Option<PathBuf>,
    /// Print the JSON schema of such a file instead.
    #[arg(long, conflicts_with = "file")]
    schema: bool,
}

pub(super) fn run(
    arguments: &Arguments,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<bool> {
    let Some(file) = arguments.file.as_ref() else {
        writeln!(out, "{:#}", gateway_cases::schema())?;
        return Ok(true);
    };
    let mut text = String::new();
    let read = if file.as_os_str() == "-" {
        io::stdin().read_to_string(&mut text).map(drop)
    } else {
        fs::read_to_string(file).map(|read| text = read)
    };
    if let Err(error) = read {
        writeln!(err, "error: `{}` cannot be read: {error}", file.display())?;
        return Ok(false);
    }
    match gateway_cases::run(&text) {
        Ok(answers) => {
            for answer in &answers {
                writeln!(out, "{}", answer.to_json())?;
            }
            let unmet = answers
                .iter()
                .filter(|answer| answer.as_expected() == Some(false))
                .count();
            if unmet > 0 {
                let all = super::counted(answers.len(), "answer");
                writeln!(err, "{unmet} of {all} not as expected")?;
            }
            Ok(unmet == 0)
        }
        Err(problems) => {
            for problem in &problems {
                writeln!(err, "{}: {problem}", file.display())?;
            }
            writeln!(
                err,
                "error: {}: nothing is answered",
                super::counted(problems.len(), "problem")
            )?;
            Ok(false)
        }
    }
}

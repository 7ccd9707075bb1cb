//! Can we speak to it? Read from the file, because loading it would already run its constructors.

use std::path::Path;

use object::{Architecture, Object as _, ObjectKind, ObjectSegment as _, ObjectSymbol as _};
use plugins_sdk::abi::{
    ABI_MAJOR, ABI_MINOR, FLAG_PANIC_ABORT, HEADER_SIZE, KNOWN_FLAGS, MAGIC, SYMBOL, TABLE_SIZE,
    TableHeader,
};

use crate::file::PluginFile;
use crate::refused::Refused;

/// Reads the table's header from the file and checks it.
pub(crate) fn check(file: &PluginFile) -> Result<TableHeader, Refused> {
    let library = parse(file)?;
    let (header, size) = find_table(&library, &file.path)?;
    check_header(&header, size, &file.path)?;
    Ok(header)
}

fn parse(file: &PluginFile) -> Result<object::File<'_>, Refused> {
    let not_a_library = |problem: String| Refused::NotALibrary {
        path: file.path.clone(),
        problem,
    };
    let library =
        object::File::parse(&*file.bytes).map_err(|error| not_a_library(error.to_string()))?;
    if library.kind() != ObjectKind::Dynamic {
        return Err(not_a_library(format!(
            "it is of the kind `{:?}`",
            library.kind()
        )));
    }
    match this_machine() {
        Some(expected) if library.architecture() != expected => Err(Refused::WrongMachine {
            path: file.path.clone(),
            found: format!("{:?}", library.architecture()),
            expected: format!("{expected:?}"),
        }),
        _ => Ok(library),
    }
}

/// The architecture the gateway was built for; elsewhere the system's loader has to tell.
const fn this_machine() -> Option<Architecture> {
    if cfg!(target_arch = "x86_64") {
        Some(Architecture::X86_64)
    } else if cfg!(target_arch = "aarch64") {
        Some(Architecture::Aarch64)
    } else {
        None
    }
}

/// The header, and how many bytes the table has for sure.
fn find_table(library: &object::File<'_>, path: &Path) -> Result<(TableHeader, u64), Refused> {
    let symbol = library
        .dynamic_symbols()
        .find(|symbol| symbol.is_definition() && symbol.name() == Ok(SYMBOL))
        .ok_or_else(|| Refused::SymbolMissing {
            path: path.to_owned(),
        })?;
    // Through the segments and not the sections: the loader does not look at sections.
    let header = library
        .segments()
        .find_map(|segment| {
            segment
                .data_range(symbol.address(), HEADER_SIZE as u64)
                .ok()
                .flatten()
        })
        .and_then(|bytes| <&[u8; HEADER_SIZE]>::try_from(bytes).ok())
        .ok_or_else(|| Refused::ShortTable {
            path: path.to_owned(),
            found: symbol.size(),
        })?;
    Ok((TableHeader::read(header), symbol.size()))
}

fn check_header(header: &TableHeader, size: u64, path: &Path) -> Result<(), Refused> {
    let path = path.to_owned();
    let (major, minor) = (header.abi_major, header.abi_minor);
    if header.magic != MAGIC {
        return Err(Refused::WrongMagic {
            path,
            found: hexadecimal(&header.magic),
        });
    }
    if major != ABI_MAJOR {
        return Err(Refused::OtherMajor { path, major, minor });
    }
    if minor > ABI_MINOR {
        return Err(Refused::NewerMinor { path, major, minor });
    }
    let found = size.min(u64::from(header.struct_size));
    if found < TABLE_SIZE as u64 {
        return Err(Refused::ShortTable { path, found });
    }
    if header.flags & !KNOWN_FLAGS != 0 {
        return Err(Refused::UnknownFlags {
            path,
            flags: header.flags & !KNOWN_FLAGS,
        });
    }
    if header.flags & FLAG_PANIC_ABORT != 0 {
        return Err(Refused::BuiltToAbort { path });
    }
    Ok(())
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

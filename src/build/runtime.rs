//! What the Lambda runtime `provided.al2023` takes: whether a binary starts there, and how large it may be.
//!
//! The binary itself is read, whoever built it: Lambda would say the same at the first call, of every function at once.

use std::fmt;

use object::read::elf::{ElfFile64, ProgramHeader};
use object::{Architecture as Processor, FileKind, ImportFlags, Object, ObjectKind};

use crate::model::function::Architecture;

/// Amazon Linux 2023 has this C library, for as long as it is supported.
pub const GLIBC: &str = "2.34";

/// Unpacked, in bytes; 250 MB in Lambda's words.
pub const MAX_UNZIPPED: u64 = 250 * 1024 * 1024;

/// What may be uploaded to Lambda itself, in bytes; 50 MB in its words. A zip in S3 may be larger.
pub const MAX_DIRECT_UPLOAD: u64 = 50 * 1024 * 1024;

/// Libraries that are there: those of glibc, and the one that unwinds. Lambda promises no other, and has taken some away.
const LIBRARIES: &[&str] = &[
    "ld-linux-aarch64.so.1",
    "ld-linux-x86-64.so.2",
    "libc.so.6",
    "libdl.so.2",
    "libgcc_s.so.1",
    "libm.so.6",
    "libpthread.so.0",
    "libresolv.so.2",
    "librt.so.1",
    "libutil.so.1",
];

/// Where a binary is to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In Lambda.
    Lambda,
    /// On this machine, with what it was linked against.
    Here,
}

/// Why a binary would not start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unfit {
    /// It is no program for 64-bit Linux.
    Kind(String),
    /// It is for another processor.
    Processor {
        /// What it is for.
        found: String,
        /// What the function runs on.
        wanted: Architecture,
    },
    /// Something that is not there has to load it.
    Interpreter(String),
    /// It needs a library that is not there.
    Library(String),
    /// It needs a newer C library.
    Glibc {
        /// A symbol that does, where one is named.
        symbol: Option<String>,
        /// Which one, such as `2.38`.
        needs: String,
    },
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kind(what) => write!(f, "became {what}, not a program for 64-bit Linux"),
            Self::Processor { found, wanted } => {
                write!(
                    f,
                    "was built for {found}, and the function runs on {wanted}"
                )
            }
            Self::Interpreter(path) => {
                write!(f, "is loaded by {path}, which the Lambda runtime has not")
            }
            Self::Library(name) => write!(f, "needs {name}, which the Lambda runtime has not"),
            Self::Glibc { symbol, needs } => {
                let symbol = match symbol {
                    Some(symbol) => format!("`{symbol}` of "),
                    None => String::new(),
                };
                write!(
                    f,
                    "needs {symbol}glibc {needs}, the Lambda runtime has {GLIBC}"
                )
            }
        }
    }
}

/// Whether `binary` starts on `architecture` in that place.
pub fn check(binary: &[u8], architecture: Architecture, place: Place) -> Result<(), Unfit> {
    match FileKind::parse(binary) {
        Ok(FileKind::Elf64) => {}
        Ok(kind) => return Err(Unfit::Kind(format!("a file of the kind {kind:?}"))),
        Err(_) => return Err(Unfit::Kind("a file of an unknown kind".to_owned())),
    }
    let file = ElfFile64::parse(binary).map_err(damaged)?;
    if !matches!(file.kind(), ObjectKind::Executable | ObjectKind::Dynamic) {
        return Err(Unfit::Kind("a file that is not linked".to_owned()));
    }
    let found = processor(&file);
    if found != architecture.to_string() {
        let wanted = architecture;
        return Err(Unfit::Processor { found, wanted });
    }
    match place {
        Place::Lambda => starts_in_lambda(&file, architecture),
        Place::Here => Ok(()),
    }
}

fn processor(file: &ElfFile64<'_>) -> String {
    const KNOWN: [(Processor, Architecture); 2] = [
        (Processor::Aarch64, Architecture::Arm64),
        (Processor::X86_64, Architecture::X86_64),
    ];
    let found = file.architecture();
    let known = KNOWN.iter().find(|(processor, _)| *processor == found);
    match known {
        Some((_, architecture)) if file.is_little_endian() => architecture.to_string(),
        _ if found == Processor::Unknown => "an unknown processor".to_owned(),
        _ => format!("{found:?}"),
    }
}

fn starts_in_lambda(file: &ElfFile64<'_>, architecture: Architecture) -> Result<(), Unfit> {
    let loader: &[u8] = match architecture {
        Architecture::Arm64 => b"/lib/ld-linux-aarch64.so.1",
        Architecture::X86_64 => b"/lib64/ld-linux-x86-64.so.2",
    };
    for header in file.elf_program_headers() {
        let interpreter = header.interpreter(file.endian(), file.data());
        if let Some(path) = interpreter.map_err(damaged)?
            && path != loader
        {
            return Err(Unfit::Interpreter(text(path)));
        }
    }
    for library in file.import_libraries().map_err(damaged)? {
        let name = text(library.map_err(damaged)?.name());
        if !LIBRARIES.contains(&name.as_str()) {
            return Err(Unfit::Library(name));
        }
    }
    match newest_glibc(file).map_err(damaged)? {
        Some(needs) if !is_in(&needs, GLIBC) => Err(Unfit::Glibc {
            symbol: symbol_of(file, &needs).map_err(damaged)?,
            needs,
        }),
        _ => Ok(()),
    }
}

fn damaged(error: object::Error) -> Unfit {
    Unfit::Kind(format!("a damaged file ({error})"))
}

/// The newest version of glibc that the loader will ask for, as it is written: `2.34`, or a word such as `ABI_DT_RELR`.
fn newest_glibc(file: &ElfFile64<'_>) -> object::Result<Option<String>> {
    let mut needed = Vec::new();
    let sections = file.elf_section_table();
    let (endian, data) = (file.endian(), file.data());
    if let Some((mut libraries, link)) = sections.gnu_verneed(endian, data)? {
        let strings = sections.strings(endian, data, link)?;
        while let Some((_, mut versions)) = libraries.next()? {
            while let Some(version) = versions.next()? {
                // What is needed weakly only draws a warning.
                let weak = version
                    .vna_flags
                    .get(endian)
                    .contains(object::elf::VER_FLG_WEAK);
                let name = text(version.name(endian, strings)?);
                if let (false, Some(version)) = (weak, name.strip_prefix(GLIBC_PREFIX)) {
                    needed.push(version.to_owned());
                }
            }
        }
    }
    // A word came after every version that glibc had when this was written: it sorts last.
    Ok(needed
        .into_iter()
        .max_by_key(|version| (numbers(version).is_none(), numbers(version))))
}

const GLIBC_PREFIX: &str = "GLIBC_";

/// A symbol that asks for `version`.
fn symbol_of(file: &ElfFile64<'_>, version: &str) -> object::Result<Option<String>> {
    for import in file.imports()? {
        let import = import?;
        if let ImportFlags::Elf {
            version: Some(asks),
            ..
        } = import.flags()
            && text(asks).strip_prefix(GLIBC_PREFIX) == Some(version)
        {
            return Ok(import.name().into_name().map(text));
        }
    }
    Ok(None)
}

/// Whether a glibc of the version `has` has what came with `version`.
fn is_in(version: &str, has: &str) -> bool {
    numbers(version).is_some_and(|version| Some(version) <= numbers(has))
}

fn numbers(version: &str) -> Option<Vec<u32>> {
    version.split('.').map(|part| part.parse().ok()).collect()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

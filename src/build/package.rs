//! A binary to a zip that Lambda runs: `bootstrap` at the root, executable, always the same bytes.

use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// The zip of the binary in a file, and its SHA-256. Compressing takes longer than all else in a build that has nothing to do: a
/// note beside the binary says which zip it made last, and one of that hash is taken from where it lies.
pub fn pack(
    binary: &Path,
    bootstrap: &[u8],
    mut places: impl Iterator<Item = PathBuf>,
) -> Result<(Vec<u8>, String), ZipError> {
    let note = binary.with_added_extension("zip.sha256");
    // Another version of topogen may compress otherwise.
    let of = format!(
        "topogen {} {} ",
        env!("CARGO_PKG_VERSION"),
        sha256(bootstrap)
    );
    let noted = std::fs::read_to_string(&note).unwrap_or_default();
    if let Some(wanted) = noted.strip_prefix(&of)
        && let Some(zip) = places.find_map(|place| {
            let zip = std::fs::read(place).ok()?;
            (sha256(&zip) == wanted).then_some(zip)
        })
    {
        return Ok((zip, wanted.to_owned()));
    }
    let zip = zip(bootstrap)?;
    let sha256 = sha256(&zip);
    // Without it the next build takes longer, and that is all.
    let _ = std::fs::write(note, format!("{of}{sha256}"));
    Ok((zip, sha256))
}

/// The zip of `bootstrap`; its time is the format's first one, 1980-01-01.
fn zip(bootstrap: &[u8]) -> Result<Vec<u8>, ZipError> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(9))
        .last_modified_time(DateTime::default())
        .unix_permissions(0o755);
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file("bootstrap", options)?;
    writer.write_all(bootstrap)?;
    Ok(writer.finish()?.into_inner())
}

/// SHA-256 in hexadecimal.
fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn the_same_binary_makes_the_same_zip() {
        let bootstrap = b"\x7fELF not really".repeat(1000);
        let first = zip(&bootstrap).unwrap();
        assert_eq!(first, zip(&bootstrap).unwrap());

        let mut archive = zip::ZipArchive::new(Cursor::new(first)).unwrap();
        let mut file = archive.by_name("bootstrap").unwrap();
        assert_eq!(file.unix_mode().map(|mode| mode & 0o777), Some(0o755));
        let mut unpacked = Vec::new();
        file.read_to_end(&mut unpacked).unwrap();
        assert_eq!(unpacked, bootstrap);
    }

    #[test]
    fn the_hash_is_sha256() {
        assert_eq!(
            sha256(b"abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}

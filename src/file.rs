//! The user's files: read up to a size limit, from standard input for `-`, and replaced atomically.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use tempfile::NamedTempFile;

use crate::diagnostic::{Diagnostic, not_utf8};

/// The most that is read of event data, of a list or of an earlier result, bytes.
pub const LARGEST: u64 = 64 << 20;

/// The most that is read of a script, of hookctl.yaml or of an env file, bytes: what is longer is something else.
pub const LARGEST_SCRIPT: u64 = 8 << 20;

/// Whether that is standard input.
pub fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// The name of the file in messages.
pub fn name(path: &Path) -> String {
    if is_stdin(path) { "<stdin>".to_owned() } else { path.display().to_string() }
}

/// Opens a file, or standard input for `-`.
///
/// # Errors
/// Why it can't be opened; it is a folder.
pub fn open(path: &Path) -> io::Result<Box<dyn Read>> {
    if is_stdin(path) {
        return Ok(Box::new(io::stdin()));
    }
    if path.is_dir() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder"));
    }
    Ok(Box::new(File::open(path)?))
}

/// The bytes of a file, or of standard input for `-`.
///
/// # Errors
/// It can't be read, or has more than `most` bytes.
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        let message = format!("it is larger than {} MiB", most >> 20);
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
    }
    Ok(bytes)
}

/// The text of a file, or of standard input for `-`; `name` is what messages call it.
///
/// # Errors
/// What `unreadable` makes of an error of [`read`]; it is not UTF-8.
pub fn read_text(
    path: &Path,
    name: &str,
    most: u64,
    unreadable: impl FnOnce(&io::Error) -> Diagnostic,
) -> Result<String, Diagnostic> {
    let bytes = read(path, most).map_err(|error| unreadable(&error))?;
    String::from_utf8(bytes).map_err(|error| not_utf8(name, &error))
}

/// Replaces the content of an existing file, atomically. For a symbolic link, the target changes.
///
/// # Errors
/// It is not there, is read-only, or its folder can't be written to.
pub fn replace(path: &Path, text: &str) -> io::Result<()> {
    let path = path.canonicalize()?;
    let mut new = temporary(&path)?;
    new.write_all(text.as_bytes())?;
    new.persist(&path).map_err(|error| error.error)?;
    Ok(())
}

/// A temporary file next to a path, to be renamed to it, with the permissions of the existing file, or of any new file.
///
/// # Errors
/// The file that is there is read-only, which a rename would not ask; or its folder can't be written to.
pub fn temporary(path: &Path) -> io::Result<NamedTempFile> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    let Ok(there) = path.metadata() else {
        #[cfg(unix)]
        // Minus the user's umask.
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        return builder.tempfile_in(folder);
    };
    if there.permissions().readonly() {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "it is read-only"));
    }
    let file = builder.tempfile_in(folder)?;
    file.as_file().set_permissions(there.permissions())?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_up_to_its_bound() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.json");
        std::fs::write(&path, vec![b'x'; 1 << 20]).expect("written");
        assert_eq!(read(&path, 1 << 20).expect("read").len(), 1 << 20);
        std::fs::write(&path, vec![b'x'; (1 << 20) + 1]).expect("written");
        assert_eq!(read(&path, 1 << 20).expect_err("too large").to_string(), "it is larger than 1 MiB");
        assert_eq!(read(folder.path(), 1).expect_err("a folder").to_string(), "it is a folder");
        std::fs::write(&path, b"a\xff").expect("written");
        let error = read_text(&path, "a.json", 9, |_| Diagnostic::error("unreadable")).expect_err("no text");
        assert!(error.message.contains("`a.json` is not UTF-8 text"), "{}", error.message);
        let missing = read_text(&folder.path().join("b"), "b", 9, |error| Diagnostic::error(error.kind().to_string()));
        assert_eq!(missing.expect_err("not there").message, "entity not found");
    }

    #[cfg(unix)]
    #[test]
    fn replacing_keeps_permissions_and_links() {
        use std::fs::Permissions;
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let (target, link) = (folder.path().join("a.yaml"), folder.path().join("link.yaml"));
        std::fs::write(&target, "old").expect("written");
        std::os::unix::fs::symlink(&target, &link).expect("linked");
        for mode in [0o640, 0o666] {
            std::fs::set_permissions(&target, Permissions::from_mode(mode)).expect("set");
            replace(&link, "new").expect("written");
            assert!(link.is_symlink());
            assert_eq!(std::fs::read_to_string(&target).expect("read"), "new");
            assert_eq!(std::fs::metadata(&target).expect("there").permissions().mode() & 0o777, mode);
        }
        std::fs::set_permissions(&target, Permissions::from_mode(0o440)).expect("set");
        assert_eq!(replace(&link, "newer").expect_err("refused").to_string(), "it is read-only");
        assert_eq!(std::fs::read_to_string(&target).expect("read"), "new");
        assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 2, "no temporary file is left");
    }
}

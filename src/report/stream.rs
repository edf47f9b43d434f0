//! A result that is written while it grows: to standard output, or to a file that appears whole at the end.

use std::fs::File;
use std::io::{self, BufWriter, Stdout, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// Bytes that gather before they are written: of a fast run, a few milliseconds' worth.
const GATHERED: usize = 256 * 1024;

/// A growing result. Its errors say what could not be written.
#[derive(Debug)]
pub struct Stream {
    target: Target,
    /// As the user named it; none: standard output.
    file: Option<PathBuf>,
}

/// Where it goes.
#[derive(Debug)]
enum Target {
    /// A reader that went away (`| head`) is not an error: the rest is dropped.
    Stdout(BufWriter<Stdout>),
    /// A temporary file beside the path, renamed to it by [`Stream::finish`].
    File(BufWriter<NamedTempFile>, PathBuf),
    /// A device or a pipe, which a rename must not replace.
    Device(BufWriter<File>),
}

impl Stream {
    /// Opens `file`, or standard output without one.
    ///
    /// # Errors
    /// The file is a folder, or its folder does not exist or can't be written to.
    pub fn open(file: Option<&Path>) -> io::Result<Self> {
        let target =
            file.map_or_else(|| Ok(Target::Stdout(BufWriter::with_capacity(GATHERED, io::stdout()))), Target::open);
        let target = target.map_err(|error| unwritable(file, &error))?;
        Ok(Self { target, file: file.map(Path::to_owned) })
    }

    /// The file that is there until the result is finished. It goes with the stream, but not with a process that exits.
    pub fn temporary(&self) -> Option<&Path> {
        match &self.target {
            Target::File(file, _) => Some(file.get_ref().path()),
            Target::Stdout(_) | Target::Device(_) => None,
        }
    }

    /// Lets `write` write; an error says what could not be written.
    ///
    /// # Errors
    /// Those of `write`.
    pub fn write_with<T>(&mut self, write: impl FnOnce(&mut dyn Write) -> io::Result<T>) -> io::Result<T> {
        write(&mut self.target).map_err(|error| unwritable(self.file.as_deref(), &error))
    }

    /// Writes what is left; a file gets its name only now.
    ///
    /// # Errors
    /// Those of writing and renaming.
    pub fn finish(self) -> io::Result<()> {
        let file = self.file;
        self.target.finish().map_err(|error| unwritable(file.as_deref(), &error))
    }
}

/// ``can't write `results.json`: No space left on device``
fn unwritable(file: Option<&Path>, error: &io::Error) -> io::Error {
    let place = file.map_or("to standard output".to_owned(), |path| format!("`{}`", path.display()));
    io::Error::new(error.kind(), format!("can't write {place}: {error}"))
}

impl Target {
    fn open(path: &Path) -> io::Result<Self> {
        if path.is_dir() {
            return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder"));
        }
        if path.metadata().is_ok_and(|there| !there.is_file()) {
            return Ok(Target::Device(BufWriter::with_capacity(GATHERED, File::options().write(true).open(path)?)));
        }
        // What a link points to is written, not the link.
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let file = temporary_for(&path, folder).map_err(|error| match folder.is_dir() {
            // The error itself would name the temporary file.
            true => io::Error::new(error.kind(), error.kind().to_string()),
            false => io::Error::new(error.kind(), format!("there is no folder `{}`", folder.display())),
        })?;
        Ok(Target::File(BufWriter::with_capacity(GATHERED, file), path))
    }

    fn finish(mut self) -> io::Result<()> {
        self.flush()?;
        if let Target::File(file, path) = self {
            file.into_inner().map_err(io::IntoInnerError::into_error)?.persist(path).map_err(|e| e.error)?;
        }
        Ok(())
    }
}

/// A temporary file that, once it has its name, is as readable as the file that had it before, or as any other new file.
fn temporary_for(path: &Path, folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // Less what the user's umask takes away.
        let new = || std::fs::Permissions::from_mode(0o666);
        builder.permissions(path.metadata().map_or_else(|_| new(), |there| there.permissions()));
    }
    builder.tempfile_in(folder)
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Target::Stdout(out) => match out.write(bytes) {
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(bytes.len()),
                result => result,
            },
            Target::File(file, _) => file.write(bytes),
            Target::Device(device) => device.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Target::Stdout(out) => match out.flush() {
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
                result => result,
            },
            Target::File(file, _) => file.flush(),
            Target::Device(device) => device.flush(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_appears_whole_or_not_at_all() {
        let unopened = |path: &Path| Stream::open(Some(path)).unwrap_err().to_string();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("results.json");
        assert_eq!(unopened(folder.path()), format!("can't write `{}`: it is a folder", folder.path().display()));
        let mut stream = Stream::open(Some(&path)).unwrap();
        stream.write_with(|out| out.write_all(b"half")).unwrap();
        assert!(!path.exists() && stream.temporary().is_some_and(Path::exists));
        drop(stream);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left of an unfinished result");

        let mut stream = Stream::open(Some(&path)).unwrap();
        stream.write_with(|out| out.write_all(b"whole")).unwrap();
        stream.finish().unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "whole");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let plain = folder.path().join("plain");
            std::fs::write(&plain, "").unwrap();
            let mode = |path: &Path| path.metadata().unwrap().permissions().mode();
            assert_eq!(mode(&path), mode(&plain), "as any new file");
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
            Stream::open(Some(&path)).unwrap().finish().unwrap();
            assert_eq!(mode(&path) & 0o777, 0o600, "as private as it was");
            let device = Stream::open(Some(Path::new("/dev/null"))).unwrap();
            assert!(matches!(device.target, Target::Device(_)));
        }
        let error = unopened(&folder.path().join("no/such/folder.json"));
        assert!(error.contains("folder.json`: there is no folder `"), "{error}");
    }
}

//! A result that is written while it grows: to standard output, or to a file that appears whole at the end.

use std::fs::File;
use std::io::{self, BufWriter, Stdout, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// Where a growing result goes.
#[derive(Debug)]
pub enum Stream {
    /// Standard output. A reader that went away (`| head`) is not an error: the rest is dropped.
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
        let Some(path) = file else { return Ok(Stream::Stdout(BufWriter::new(io::stdout()))) };
        if path.is_dir() {
            return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder"));
        }
        if path.metadata().is_ok_and(|there| !there.is_file()) {
            return Ok(Stream::Device(BufWriter::new(File::options().write(true).open(path)?)));
        }
        // What a link points to is written, not the link.
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let file = temporary_for(&path, folder).map_err(|error| match folder.is_dir() {
            // The error itself would name the temporary file.
            true => io::Error::new(error.kind(), error.kind().to_string()),
            false => io::Error::new(error.kind(), format!("there is no folder `{}`", folder.display())),
        })?;
        Ok(Stream::File(BufWriter::new(file), path))
    }

    /// Writes what is left; a file gets its name only now.
    ///
    /// # Errors
    /// Those of writing and renaming.
    pub fn finish(mut self) -> io::Result<()> {
        self.flush()?;
        match self {
            Stream::Stdout(_) | Stream::Device(_) => Ok(()),
            Stream::File(file, path) => {
                file.into_inner().map_err(io::IntoInnerError::into_error)?.persist(path).map_err(|e| e.error)?;
                Ok(())
            }
        }
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

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Stream::Stdout(out) => match out.write(bytes) {
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(bytes.len()),
                result => result,
            },
            Stream::File(file, _) => file.write(bytes),
            Stream::Device(device) => device.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Stream::Stdout(out) => match out.flush() {
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
                result => result,
            },
            Stream::File(file, _) => file.flush(),
            Stream::Device(device) => device.flush(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_appears_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("results.json");
        assert_eq!(Stream::open(Some(folder.path())).unwrap_err().to_string(), "it is a folder");
        let mut stream = Stream::open(Some(&path)).unwrap();
        stream.write_all(b"half").unwrap();
        assert!(!path.exists());
        drop(stream);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left of an unfinished result");

        let mut stream = Stream::open(Some(&path)).unwrap();
        stream.write_all(b"whole").unwrap();
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
            assert!(matches!(device, Stream::Device(_)));
        }
        let error = Stream::open(Some(&folder.path().join("no/such/folder.json"))).unwrap_err();
        assert!(error.to_string().starts_with("there is no folder `"), "{error}");
    }
}

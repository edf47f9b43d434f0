//! A result that is written while it grows: to standard output, or to a file that appears whole at the end.

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
}

impl Stream {
    /// Opens `file`, or standard output without one.
    ///
    /// # Errors
    /// The file's folder does not exist or can't be written to.
    pub fn open(file: Option<&Path>) -> io::Result<Self> {
        let Some(path) = file else { return Ok(Stream::Stdout(BufWriter::new(io::stdout()))) };
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Ok(Stream::File(BufWriter::new(NamedTempFile::new_in(folder)?), path.to_owned()))
    }

    /// Writes what is left; a file gets its name only now.
    ///
    /// # Errors
    /// Those of writing and renaming.
    pub fn finish(mut self) -> io::Result<()> {
        self.flush()?;
        match self {
            Stream::Stdout(_) => Ok(()),
            Stream::File(file, path) => {
                file.into_inner().map_err(io::IntoInnerError::into_error)?.persist(path).map_err(|e| e.error)?;
                Ok(())
            }
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Stream::Stdout(out) => match out.write(bytes) {
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(bytes.len()),
                result => result,
            },
            Stream::File(file, _) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Stream::Stdout(out) => match out.flush() {
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
                result => result,
            },
            Stream::File(file, _) => file.flush(),
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
        let mut stream = Stream::open(Some(&path)).unwrap();
        stream.write_all(b"half").unwrap();
        assert!(!path.exists());
        drop(stream);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left of an unfinished result");

        let mut stream = Stream::open(Some(&path)).unwrap();
        stream.write_all(b"whole").unwrap();
        stream.finish().unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "whole");
        assert!(Stream::open(Some(&folder.path().join("no/such/folder.json"))).is_err());
    }
}

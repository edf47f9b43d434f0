//! A result that is written incrementally: to standard output, to a file that appears when it is complete, or to a file that
//! can be followed.

use std::fs::{self, File};
use std::io::{self, BufWriter, IsTerminal, Stdout, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::file;

/// The buffer's size in bytes: a few milliseconds' worth of a fast run.
const GATHERED: usize = 256 * 1024;
/// The longest chain of symbolic links, as in Linux.
const MOST_LINKS: usize = 40;
/// Other names of standard output. If it is redirected it is a file, which must not be replaced by a rename.
const STDOUT: [&str; 4] = ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"];

/// How a result's file grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Growth {
    /// The file appears, or is replaced, when the result is complete: an incomplete document can't be read.
    Whole,
    /// The file is there from the start and each flush shows in it: lines are of use one by one.
    Followed,
}

/// Where a result goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// Standard output.
    Stdout,
    /// A file, perhaps not there yet; links are followed.
    File(PathBuf),
}

impl Destination {
    /// What a user means by `file`: standard output by `-` or by nothing.
    ///
    /// # Errors
    /// A link that leads in circles.
    pub fn of(file: Option<&Path>) -> io::Result<Self> {
        let Some(file) = file.filter(|file| !is_stdout(file)) else { return Ok(Self::Stdout) };
        Ok(Self::File(followed(file).map_err(|error| unwritable(Some(file), &error))?))
    }

    /// Whether two results would overwrite each other there. A device such as /dev/null accepts any number.
    pub fn collides_with(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Stdout, Self::Stdout) => true,
            (Self::File(one), Self::File(other)) => !is_device(one) && (one == other || is_same_file(one, other)),
            (Self::Stdout, Self::File(_)) | (Self::File(_), Self::Stdout) => false,
        }
    }
}

/// Whether `file` is a name of standard output.
pub fn is_stdout(file: &Path) -> bool {
    STDOUT.iter().any(|name| file == Path::new(name))
}

/// A growing result. Its errors say what could not be written.
#[derive(Debug)]
pub struct Stream {
    target: Target,
    /// As the user named it; none: standard output.
    file: Option<PathBuf>,
    reader: Reader,
}

/// Who reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reader {
    There,
    /// It closed its end of the pipe.
    Gone,
    /// The terminal was closed; whoever should end by that is told so by a signal.
    HungUp,
}

/// Where it goes.
#[derive(Debug)]
enum Target {
    /// Whether it is a terminal, recorded because a closed one can't be asked.
    Stdout(BufWriter<Stdout>, bool),
    /// A temporary file beside the path, renamed to it by [`Stream::finish`].
    Temporary(BufWriter<NamedTempFile>, PathBuf),
    /// The file itself: one that is followed, or a device or a pipe, which a rename must not replace.
    InPlace(BufWriter<File>),
}

impl Stream {
    /// Opens `file`, or standard output for `-` or without one.
    ///
    /// # Errors
    /// The file is a folder, or its folder does not exist or can't be written to.
    pub fn open(file: Option<&Path>, growth: Growth) -> io::Result<Self> {
        let target = match Destination::of(file)? {
            Destination::Stdout => {
                let terminal = io::stdout().is_terminal();
                Target::Stdout(BufWriter::with_capacity(GATHERED, io::stdout()), terminal)
            }
            Destination::File(path) => Target::open(path, growth).map_err(|error| unwritable(file, &error))?,
        };
        Ok(Self { target, file: file.map(Path::to_owned), reader: Reader::There })
    }

    /// The temporary file until the result is finished. Dropping the stream removes it; exiting the process does not.
    pub fn temporary(&self) -> Option<&Path> {
        match &self.target {
            Target::Temporary(file, _) => Some(file.get_ref().path()),
            Target::Stdout(..) | Target::InPlace(_) => None,
        }
    }

    /// Whether the reader closed its end (`| head`). That is not an error, and the rest is dropped; a run that only writes for
    /// this reader may stop.
    pub fn reader_gone(&self) -> bool {
        self.reader == Reader::Gone
    }

    /// Lets `write` write; an error says what could not be written.
    ///
    /// # Errors
    /// Those of `write`.
    pub fn write_with(&mut self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
        if self.reader != Reader::There {
            return Ok(());
        }
        let written = write(&mut self.target);
        self.told(written)
    }

    /// Writes the rest, and renames a temporary file to its final name.
    ///
    /// # Errors
    /// Those of writing and renaming.
    pub fn finish(mut self) -> io::Result<()> {
        self.write_with(|out| out.flush())?;
        self.target.persist().map_err(|error| unwritable(self.file.as_deref(), &error))
    }

    fn told(&mut self, written: io::Result<()>) -> io::Result<()> {
        let Err(error) = written else { return Ok(()) };
        self.reader = self.target.reader_after(&error);
        match self.reader {
            Reader::Gone | Reader::HungUp => Ok(()),
            Reader::There => Err(unwritable(self.file.as_deref(), &error)),
        }
    }
}

/// ``can't write `results.json`: No space left on device``
fn unwritable(file: Option<&Path>, error: &io::Error) -> io::Error {
    let place = file.filter(|file| !is_stdout(file));
    let place = place.map_or("to standard output".to_owned(), |path| format!("`{}`", path.display()));
    io::Error::new(error.kind(), format!("can't write {place}: {error}"))
}

impl Target {
    /// `path` is not a link.
    fn open(path: PathBuf, growth: Growth) -> io::Result<Self> {
        if path.is_dir() {
            return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder"));
        }
        let in_place = |file| Target::InPlace(BufWriter::with_capacity(GATHERED, file));
        if is_device(&path) {
            return File::options().write(true).open(path).map(in_place);
        }
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned();
        let opened = match growth {
            Growth::Followed => File::create(&path).map(in_place),
            Growth::Whole => {
                file::temporary(&path).map(|file| Target::Temporary(BufWriter::with_capacity(GATHERED, file), path))
            }
        };
        opened.map_err(|error| match folder.is_dir() {
            // The error itself would name the temporary file.
            true => io::Error::new(error.kind(), error.kind().to_string()),
            false => io::Error::new(error.kind(), format!("there is no folder `{}`", folder.display())),
        })
    }

    fn persist(self) -> io::Result<()> {
        if let Target::Temporary(file, path) = self {
            file.into_inner().map_err(io::IntoInnerError::into_error)?.persist(path).map_err(|e| e.error)?;
        }
        Ok(())
    }

    /// What a write error says about the reader.
    fn reader_after(&self, error: &io::Error) -> Reader {
        /// The error for writing to a terminal that was closed (EIO on Unix).
        const NO_TERMINAL: i32 = 5;
        match self {
            Target::Stdout(_, true) if cfg!(unix) && error.raw_os_error() == Some(NO_TERMINAL) => Reader::HungUp,
            Target::Stdout(..) | Target::InPlace(_) if error.kind() == io::ErrorKind::BrokenPipe => Reader::Gone,
            _ => Reader::There,
        }
    }
}

/// The path that links lead to, which need not exist yet.
fn followed(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        if let Ok(there) = path.canonicalize() {
            return Ok(there);
        }
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        match fs::read_link(&path) {
            Ok(target) => path = folder.join(target),
            Err(_) => {
                let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { &folder };
                let name = path.file_name().map(Path::new).unwrap_or(&path);
                return Ok(folder.canonicalize().map_or_else(|_| path.clone(), |folder| folder.join(name)));
            }
        }
    }
    Err(io::Error::other("its symbolic links form a loop"))
}

/// A device or a pipe.
fn is_device(path: &Path) -> bool {
    path.metadata().is_ok_and(|there| !there.is_file() && !there.is_dir())
}

/// Two names of one file, as hard links are.
#[cfg(unix)]
fn is_same_file(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let identity = |path: &Path| path.metadata().map(|there| (there.dev(), there.ino()));
    matches!((identity(one), identity(other)), (Ok(one), Ok(other)) if one == other)
}

#[cfg(not(unix))]
fn is_same_file(_: &Path, _: &Path) -> bool {
    false
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Target::Stdout(out, _) => out.write(bytes),
            Target::Temporary(file, _) => file.write(bytes),
            Target::InPlace(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Target::Stdout(out, _) => out.flush(),
            Target::Temporary(file, _) => file.flush(),
            Target::InPlace(file) => file.flush(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(path: &Path) -> Stream {
        Stream::open(Some(path), Growth::Whole).unwrap()
    }

    fn unopened(path: &Path) -> String {
        Stream::open(Some(path), Growth::Whole).unwrap_err().to_string()
    }

    #[test]
    fn a_file_appears_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("results.json");
        assert_eq!(unopened(folder.path()), format!("can't write `{}`: it is a folder", folder.path().display()));
        let mut stream = open(&path);
        stream.write_with(|out| out.write_all(b"half")).unwrap();
        assert!(!path.exists() && stream.temporary().is_some_and(Path::exists));
        drop(stream);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left of an unfinished result");

        let mut stream = open(&path);
        stream.write_with(|out| out.write_all(b"whole")).unwrap();
        stream.finish().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "whole");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let plain = folder.path().join("plain");
            fs::write(&plain, "").unwrap();
            let mode = |path: &Path| path.metadata().unwrap().permissions().mode();
            assert_eq!(mode(&path), mode(&plain), "as any new file");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
            open(&path).finish().unwrap();
            assert_eq!(mode(&path) & 0o777, 0o600, "as private as it was");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
            assert_eq!(unopened(&path), format!("can't write `{}`: permission denied", path.display()));
            assert!(matches!(open(Path::new("/dev/null")).target, Target::InPlace(_)));
        }
        let error = unopened(&folder.path().join("no/such/folder.json"));
        assert!(error.contains("folder.json`: there is no folder `"), "{error}");
    }

    #[test]
    fn a_followed_file_shows_what_is_flushed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("results.jsonl");
        fs::write(&path, "of an earlier run, and longer").unwrap();
        let mut stream = Stream::open(Some(&path), Growth::Followed).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "");
        stream.write_with(|out| out.write_all(b"a line\n").and_then(|()| out.flush())).unwrap();
        assert_eq!((fs::read_to_string(&path).unwrap().as_str(), stream.temporary()), ("a line\n", None));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_and_its_target_is_written() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("out")).unwrap();
        symlink("out/results.json", at("link")).unwrap();
        symlink("link", at("link to it")).unwrap();
        // At first the link leads to nothing.
        for growth in [Growth::Whole, Growth::Followed, Growth::Whole] {
            let mut stream = Stream::open(Some(&at("link to it")), growth).unwrap();
            stream.write_with(|out| out.write_all(format!("{growth:?}").as_bytes())).unwrap();
            stream.finish().unwrap();
            assert_eq!(fs::read_to_string(at("out/results.json")).unwrap(), format!("{growth:?}"));
            assert!(at("link").is_symlink() && at("link to it").is_symlink());
        }
        symlink("b", at("a")).unwrap();
        symlink("a", at("b")).unwrap();
        assert!(unopened(&at("a")).ends_with("its symbolic links form a loop"));
    }

    #[test]
    fn two_results_of_one_place_collide_in_every_spelling() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("out")).unwrap();
        let place = |path: &Path| Destination::of(Some(path)).unwrap();
        let mut same = vec![at("new.json"), at("./new.json"), at("out/../new.json")];
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink("new.json", at("link.json")).unwrap();
            same.push(at("link.json"));
        }
        for other in &same {
            assert!(place(&at("new.json")).collides_with(&place(other)), "{}", other.display());
        }
        fs::write(at("new.json"), "").unwrap();
        #[cfg(unix)]
        {
            fs::hard_link(at("new.json"), at("hard.json")).unwrap();
            assert!(place(&at("hard.json")).collides_with(&place(&at("new.json"))));
        }
        let stdout = Destination::of(None).unwrap();
        assert!(stdout.collides_with(&place(Path::new("-"))));
        for (one, other) in [(at("new.json"), at("out/new.json")), ("/dev/null".into(), "/dev/null".into())] {
            assert!(!place(&one).collides_with(&place(&other)), "{}", one.display());
        }
        assert!(!stdout.collides_with(&place(&at("new.json"))));
    }
}

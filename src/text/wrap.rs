//! Text broken at spaces to fit a width; a number and its unit stay on one line.

/// A space at which no line ends; printed as a plain one.
pub(crate) const NO_BREAK: char = '\u{a0}';

const UNITS: [&str; 8] = ["%", "B", "KiB", "MiB", "h", "min", "ms", "s"];

/// The text with a [`NO_BREAK`] between each number and its unit: `10 s`, `99.9 %`.
pub(crate) fn keep(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    for (index, word) in text.split(' ').enumerate() {
        if index > 0 {
            kept.push(if kept.ends_with(|c: char| c.is_ascii_digit()) && is_unit(word) { NO_BREAK } else { ' ' });
        }
        kept.push_str(word);
    }
    kept
}

/// Whether it is a unit, with a comma or the like behind it.
fn is_unit(word: &str) -> bool {
    let ends = word.find(|c: char| !c.is_alphanumeric() && c != '%').unwrap_or(word.len());
    word.get(..ends).is_some_and(|unit| UNITS.contains(&unit))
}

/// What goes before a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Before {
    /// It begins the paragraph, after its label.
    Nothing,
    /// It is on the same line as the one before it.
    Space,
    /// It begins a line.
    LineEnd,
}

/// Where the next word of a paragraph goes.
#[derive(Debug)]
pub(crate) struct Cursor {
    width: usize,
    indent: usize,
    column: usize,
    is_fresh: bool,
}

impl Cursor {
    /// At the beginning of a paragraph of at most `width` columns, of which a label takes `column`; the lines after the first
    /// begin after `indent` columns.
    pub(crate) fn new(width: usize, column: usize, indent: usize) -> Self {
        Self { width, indent, column, is_fresh: true }
    }

    /// Puts a word of so many columns there. One that is longer than a line has it to itself.
    pub(crate) fn put(&mut self, word: usize) -> Before {
        let ends = self.column + usize::from(!self.is_fresh) + word;
        let before = if ends > self.width && !(self.is_fresh && self.column <= self.indent) {
            self.column = self.indent;
            Before::LineEnd
        } else if self.is_fresh {
            Before::Nothing
        } else {
            self.column += 1;
            Before::Space
        };
        self.column += word;
        self.is_fresh = false;
        before
    }
}

/// The text in lines of at most `width` columns, each with its line end. Its own line ends stay.
pub(crate) fn paragraph(text: &str, width: usize) -> String {
    let mut broken = String::new();
    for line in text.lines() {
        let mut cursor = Cursor::new(width, 0, 0);
        for word in keep(line).split(' ').filter(|word| !word.is_empty()) {
            match cursor.put(console::measure_text_width(word)) {
                Before::Nothing => {}
                Before::Space => broken.push(' '),
                Before::LineEnd => broken.push('\n'),
            }
            broken += &word.replace(NO_BREAK, " ");
        }
        broken.push('\n');
    }
    broken
}

#[cfg(test)]
mod tests {
    #[test]
    fn text_is_wrapped_between_words() {
        for (text, width, lines) in [
            ("one two  three four", 9, "one two\nthree\nfour\n"),
            ("extraordinarily long", 4, "extraordinarily\nlong\n"),
            ("a limit of 10 s", 13, "a limit of\n10 s\n"),
            ("\u{1b}[1mone\u{1b}[0m two", 7, "\u{1b}[1mone\u{1b}[0m two\n"),
            ("one\n\ntwo", 9, "one\n\ntwo\n"),
            ("", 4, ""),
        ] {
            assert_eq!(super::paragraph(text, width), lines, "{text}");
        }
    }

    #[test]
    fn numbers_keep_their_units() {
        for (text, kept) in [
            ("a limit of 10 s, not 80 s.", "a limit of 10~s, not 80~s."),
            ("7 (99.9 %) at 12.5 ms", "7 (99.9~%) at 12.5~ms"),
            ("20 deliveries at load 0 · seed 1", "20 deliveries at load 0 · seed 1"),
            ("10 seconds  s", "10 seconds  s"),
            ("1 min 30 s\u{1b}[0m", "1~min 30~s\u{1b}[0m"),
        ] {
            assert_eq!(super::keep(text).replace(super::NO_BREAK, "~"), kept);
        }
    }
}

//! Words in colors, wrapped to a width.

use std::io::{self, Write};

use colored::{Color, Colorize};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::text::wrap::{self, Before, Cursor, NO_BREAK};

/// How a word looks where there is color.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paint {
    Plain,
    Dim,
    Bold,
    Good,
    Warning,
    Bad,
}

/// What text is laid out for.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    /// Columns.
    pub width: usize,
    /// Color is wanted.
    pub color: bool,
}

impl Layout {
    /// Room for labels in a column of their own.
    pub fn is_wide(self) -> bool {
        self.width >= 72
    }

    /// The text as it is printed.
    pub fn paint(self, text: &str, paint: Paint) -> String {
        if !self.color {
            return text.to_owned();
        }
        match paint {
            Paint::Plain => text.to_owned(),
            Paint::Dim => text.dimmed().to_string(),
            Paint::Bold => text.bold().to_string(),
            Paint::Good => text.color(Color::Green).to_string(),
            Paint::Warning => text.color(Color::Yellow).to_string(),
            Paint::Bad => text.color(Color::Red).to_string(),
        }
    }
}

/// The text kept on one line.
pub(super) fn together(text: &str) -> String {
    text.replace(' ', &NO_BREAK.to_string())
}

/// Words that wrap.
#[derive(Debug, Default)]
pub(super) struct Paragraph {
    words: Vec<(String, Paint)>,
}

impl Paragraph {
    /// Adds the words of a text; a number and its unit are one.
    pub(super) fn add(mut self, text: &str, paint: Paint) -> Self {
        self.words
            .extend(wrap::keep(text).split(' ').filter(|word| !word.is_empty()).map(|word| (word.to_owned(), paint)));
        self
    }

    /// Adds a text, after a `·` if there are words before it; the dot never begins a line.
    pub(super) fn item(mut self, text: &str, paint: Paint) -> Self {
        if let Some((last, _)) = self.words.last_mut() {
            last.push_str("\u{a0}·");
        }
        self.add(text, paint)
    }

    /// Writes the lines: the first after `label`, which may be colored, the others indented by `indent`.
    pub(super) fn write(&self, out: &mut dyn Write, layout: Layout, label: &str, indent: usize) -> io::Result<()> {
        let mut line = Line { layout, done: label.to_owned(), run: String::new(), paint: Paint::Plain };
        let mut cursor = Cursor::new(layout.width, console::measure_text_width(label), indent);
        for (word, paint) in self.words.iter().flat_map(|word| pieces(word, layout.width.saturating_sub(indent))) {
            match cursor.put(word.width()) {
                Before::Nothing => {}
                Before::Space => line.add(" ", paint),
                Before::LineEnd => {
                    writeln!(out, "{}", line.finish())?;
                    line = Line { done: " ".repeat(indent), ..line };
                }
            }
            line.add(&word.replace(NO_BREAK, " "), paint);
        }
        writeln!(out, "{}", line.finish())
    }
}

/// A line in the making: words of one paint are painted together.
struct Line {
    layout: Layout,
    done: String,
    run: String,
    paint: Paint,
}

impl Line {
    fn add(&mut self, text: &str, paint: Paint) {
        if paint != self.paint {
            self.flush();
            self.paint = paint;
        }
        self.run.push_str(text);
    }

    fn flush(&mut self) {
        if !self.run.is_empty() {
            self.done.push_str(&self.layout.paint(&self.run, self.paint));
            self.run.clear();
        }
    }

    fn finish(&mut self) -> String {
        self.flush();
        std::mem::take(&mut self.done).trim_end().to_owned()
    }
}

/// The word, cut where it is longer than a line.
fn pieces((word, paint): &(String, Paint), width: usize) -> Vec<(String, Paint)> {
    let width = width.max(8);
    if word.width() <= width {
        return vec![(word.clone(), *paint)];
    }
    let mut pieces = vec![String::new()];
    let mut column = 0;
    for c in word.chars() {
        let columns = c.width().unwrap_or(0);
        if column + columns > width {
            pieces.push(String::new());
            column = 0;
        }
        if let Some(piece) = pieces.last_mut() {
            piece.push(c);
        }
        column += columns;
    }
    pieces.into_iter().map(|piece| (piece, *paint)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_color_of_a_label_takes_no_room() {
        let layout = Layout { width: 20, color: false };
        let written = |label: &str| {
            let mut out = Vec::new();
            Paragraph::default().add("eighteen-columns-!", Paint::Plain).write(&mut out, layout, label, 2).unwrap();
            String::from_utf8(out).unwrap()
        };
        assert_eq!(written("✔ "), "✔ eighteen-columns-!\n");
        assert_eq!(written("\u{1b}[32m✔\u{1b}[0m "), "\u{1b}[32m✔\u{1b}[0m eighteen-columns-!\n");
    }
}

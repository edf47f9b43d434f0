//! A plot in a terminal: curves in braille dots, levels in box characters.

use colored::{Color, Colorize};

/// A field of cells over the ranges 0 to `x_max` and 0 to `y_max`.
#[derive(Debug)]
pub struct Plot {
    columns: usize,
    rows: usize,
    x_max: f64,
    y_max: f64,
    cells: Vec<Cell>,
    labels: Vec<Option<String>>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Cell {
    /// Braille dots, by Unicode's bits.
    dots: u8,
    line: Option<char>,
    color: Option<Color>,
}

/// The bits of a braille cell's dots, by row from the top and column from the left.
const DOTS: [[u8; 2]; 4] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]];

impl Plot {
    /// An empty plot of so many characters. The ranges' ends must be above zero; what is not finite is drawn as zero.
    pub fn new(columns: usize, rows: usize, x_max: f64, y_max: f64) -> Self {
        let (columns, rows) = (columns.max(1), rows.max(1));
        let positive = |end: f64| if end.is_finite() && end > 0.0 { end } else { 1.0 };
        let cells = vec![Cell::default(); columns * rows];
        Self { columns, rows, x_max: positive(x_max), y_max: positive(y_max), cells, labels: vec![None; rows] }
    }

    /// Draws a function of x. Steep parts are drawn without gaps.
    pub fn curve(&mut self, color: Color, y: impl Fn(f64) -> f64) {
        let dots = self.columns * 2;
        let mut last = None;
        for dot in 0..dots {
            let x = self.x_max * dot as f64 / (dots - 1) as f64;
            let height = self.dot_row(y(x));
            let from = last.unwrap_or(height);
            for row in from.min(height)..=from.max(height) {
                self.dot(dot, row, color);
            }
            last = Some(height);
        }
    }

    /// Fills the columns below a function of x: an area of bars.
    pub fn bars(&mut self, color: Color, y: impl Fn(f64) -> f64) {
        let dots = self.columns * 2;
        for dot in 0..dots {
            // The middle of the dot's share of the range.
            let height = y(self.x_max * (dot as f64 + 0.5) / dots as f64);
            if height > 0.0 {
                for row in self.dot_row(height)..self.rows * 4 {
                    self.dot(dot, row, color);
                }
            }
        }
    }

    /// Draws a level at y where no curve is.
    pub fn level(&mut self, y: f64, line: char, color: Color) {
        let row = self.dot_row(y) / 4;
        for column in 0..self.columns {
            self.line(column, row, line, color);
        }
    }

    /// Draws an upright at x where no curve is.
    pub fn upright(&mut self, x: f64, line: char, color: Color) {
        let column = self.column(x);
        for row in 0..self.rows {
            self.line(column, row, line, color);
        }
    }

    /// Writes a label left of y; of two in one row the first stays.
    pub fn label(&mut self, y: f64, text: impl Into<String>) {
        let row = self.dot_row(y) / 4;
        if let Some(label @ None) = self.labels.get_mut(row) {
            *label = Some(text.into());
        }
    }

    /// The plot with its axes, a line each; `name` says what the x axis is, `marks` are labels below it, ascending.
    pub fn draw(&self, name: &str, marks: &[(f64, &str)]) -> String {
        let labels = self.labels.iter().flatten().map(String::as_str);
        let margin = labels.chain([name]).map(|label| label.chars().count()).max().unwrap_or(0);
        let mut text = String::new();
        for (row, label) in self.labels.iter().enumerate() {
            let axis = if label.is_some() { '┤' } else { '│' };
            text += &format!("{:>margin$} {axis}", label.as_deref().unwrap_or_default());
            let row: Vec<Cell> = self.cells.iter().skip(row * self.columns).take(self.columns).copied().collect();
            // One change of color a run, not one a cell.
            let line: String = row.chunk_by(|a, b| a.color == b.color).map(run).collect();
            text += line.trim_end();
            text.push('\n');
        }
        let mut axis = vec!['─'; self.columns];
        let mut below = String::new();
        for (x, mark) in marks {
            let column = self.column(*x);
            if let Some(tick) = axis.get_mut(column) {
                *tick = '┬';
            }
            // The last mark must not extend beyond the right edge.
            let width = mark.chars().count();
            let start = column.saturating_sub(width / 2).min(self.columns.saturating_sub(width));
            let room = below.chars().count();
            if room == 0 || start > room {
                below += &" ".repeat(start - room);
                below += mark;
            }
        }
        let axis: String = axis.into_iter().collect();
        let indent = " ".repeat(margin + 1);
        text + &format!("{indent}└{axis}\n{name:>margin$}  {below}\n")
    }

    fn column(&self, x: f64) -> usize {
        let share = (x / self.x_max).clamp(0.0, 1.0);
        (share * (self.columns - 1) as f64).round() as usize
    }

    /// The dot's row for a height, from the top. A height above zero is above the bottom.
    fn dot_row(&self, y: f64) -> usize {
        let dots = self.rows * 4;
        let share = 1.0 - (y / self.y_max).clamp(0.0, 1.0);
        ((share * dots as f64) as usize).min(dots - 1)
    }

    fn dot(&mut self, dot: usize, row: usize, color: Color) {
        let bit = DOTS[row % 4][dot % 2];
        if let Some(cell) = self.cells.get_mut(row / 4 * self.columns + dot / 2) {
            *cell = Cell { dots: cell.dots | bit, line: None, color: Some(color) };
        }
    }

    fn line(&mut self, column: usize, row: usize, line: char, color: Color) {
        if let Some(cell) = self.cells.get_mut(row * self.columns + column)
            && cell.dots == 0
        {
            *cell = Cell { dots: 0, line: Some(line), color: Some(color) };
        }
    }
}

fn run(cells: &[Cell]) -> String {
    let text: String = cells.iter().map(Cell::glyph).collect();
    match cells.first().and_then(|cell| cell.color) {
        Some(color) => text.color(color).to_string(),
        None => text,
    }
}

impl Cell {
    fn glyph(&self) -> char {
        match (self.dots, self.line) {
            (0, line) => line.unwrap_or(' '),
            (dots, _) => char::from_u32(0x2800 + u32::from(dots)).unwrap_or('*'),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_levels_and_axes() {
        colored::control::set_override(false);
        let mut plot = Plot::new(20, 5, 1.0, 80.0);
        plot.curve(Color::Cyan, |x| 80.0 * (1.0 - x));
        plot.level(10.0, '─', Color::Red);
        plot.label(80.0, "80 s");
        plot.label(10.0, "10 s");
        plot.label(9.0, "not shown");
        insta::assert_snapshot!(plot.draw("load", &[(0.0, "0"), (0.5, "0.5"), (1.0, "1")]), @r"
        80 s ┤⠉⠓⠦⣄⡀
             │    ⠉⠓⠦⣄⡀
             │        ⠉⠓⠦⣄⡀
             │            ⠉⠓⠦⣄⡀
        10 s ┤────────────────⠉⠓⠦⣄
             └┬─────────┬────────┬
        load  0        0.5       1
        ");
    }

    #[test]
    fn nothing_is_drawn_outside() {
        for (columns, rows, end) in [(0, 0, 0.0), (1, 1, f64::NAN), (3, 2, f64::INFINITY), (7, 3, -1.0)] {
            let mut plot = Plot::new(columns, rows, end, end);
            plot.curve(Color::Red, |x| x * 1e9 - 5.0);
            plot.bars(Color::Red, |x| x * 1e9 - 5.0);
            plot.level(-3.0, '─', Color::Red);
            plot.level(f64::NAN, '─', Color::Red);
            plot.upright(1e9, '│', Color::Red);
            let text = plot.draw("", &[(2.0, "two"), (f64::NAN, "?")]);
            assert_eq!(text.lines().count(), rows.max(1) + 2, "{text}");
        }
    }
}

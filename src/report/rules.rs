//! The rules themselves: a table, one rule's page for a terminal or as Markdown, and `docs/rules.md`.

use std::fmt::Write as _;

use colored::Colorize;
use serde_json::json;

use crate::lint::{Basis, Level, Rule, rules};
use crate::text::wrap::paragraph;

/// All rules: a line each, or for a terminal of so many columns as many lines as it takes.
pub fn table(terminal: Option<usize>) -> String {
    let names = rules().map(|r| r.name.len()).max().unwrap_or(0);
    let mut out = String::new();
    for rule in rules() {
        let name = format!("{:names$}", rule.name);
        let level = coloured(rule.level, &format!("{:7}", rule.level.word()));
        let start = format!("{}  {name}  {level}  ", rule.id.bold());
        let column = console::measure_text_width(&start);
        match terminal.map(|width| (width, width.saturating_sub(column))) {
            // A column of a word or two a line is hard to read.
            Some((width, left)) if left < 36 => {
                let _ = writeln!(out, "{}  {}  {}", rule.id.bold(), rule.name, coloured(rule.level, rule.level.word()));
                out.push_str(&indented(rule.summary, 7, width));
            }
            Some((width, _)) => out.push_str(&(start + indented(rule.summary, column, width).trim_start())),
            None => {
                let _ = writeln!(out, "{start}{}", rule.summary);
            }
        }
    }
    out
}

/// Text in lines of at most `width` columns that begin after so many.
fn indented(text: &str, column: usize, width: usize) -> String {
    let lines = paragraph(text, width.saturating_sub(column));
    lines.lines().map(|line| format!("{:column$}{line}\n", "")).collect()
}

/// All rules with their documentation, as JSON.
pub fn json() -> String {
    let rules: Vec<_> = rules()
        .map(|rule| {
            json!({
                "id": rule.id,
                "name": rule.name,
                "level": rule.level,
                "summary": rule.summary,
                "what": rule.what,
                "why": rule.why,
                "example": rule.example,
                "instead": rule.instead,
                "source": rule.basis,
                "fix": rule.fixable,
            })
        })
        .collect();
    let mut text = serde_json::to_string_pretty(&json!({"version": 1, "rules": rules})).unwrap_or_default();
    text.push('\n');
    text
}

/// One rule's page for a terminal of that width.
pub fn page(rule: &Rule, width: usize) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{} {} ({})", rule.id.bold(), rule.name.bold(), coloured(rule.level, rule.level.word()));
    for (title, text) in sections(rule) {
        let _ = write!(out, "\n{}\n{}", title.bold(), paragraph(&text, width.min(100)));
    }
    for (title, script) in [("Example", rule.example), ("Use instead", rule.instead)] {
        if let Some(script) = script {
            let _ = writeln!(out, "\n{}", title.bold());
            for line in script.lines() {
                let _ = writeln!(out, "{}", format!("    {line}").trim_end());
            }
        }
    }
    out
}

/// One rule's page as Markdown, without its heading.
pub fn markdown(rule: &Rule) -> String {
    let mut out = String::new();
    for (title, text) in sections(rule) {
        let _ = write!(out, "**{title}.** {text}\n\n");
    }
    for (title, script) in [("Example", rule.example), ("Use instead", rule.instead)] {
        if let Some(script) = script {
            let _ = write!(out, "**{title}:**\n\n```yaml\n{script}```\n\n");
        }
    }
    out
}

/// `docs/rules.md`.
pub fn document() -> String {
    let mut out = String::from(
        "# Rules\n\nWritten from the rules' own documentation (`hookctl explain RULE` shows the same); don't edit it here.\n\n\
         Change a rule's level in `hookctl.yaml` (`rules: {HK202: off, unknown-field: warning}`), silence rules for some files \
         there (`ignore: {\"scripts/legacy/**\": [HK103]}`), or at one place with a comment on its line or the line above: \
         `# hookctl: ignore[HK103]`. `# hookctl: ignore-file[HK103]` is for a whole file.\n\n\
         | id | name | level | finds |\n|---|---|---|---|\n",
    );
    for rule in rules() {
        let _ = writeln!(
            out,
            "| [{}](#{}-{}) | {} | {} | {} |",
            rule.id,
            rule.id.to_lowercase(),
            rule.name,
            rule.name,
            rule.level.word(),
            rule.summary
        );
    }
    for rule in rules() {
        let page = markdown(rule);
        let _ = write!(out, "\n## {} {}\n\nLevel: {}.\n\n{}\n", rule.id, rule.name, rule.level.word(), page.trim_end());
    }
    out
}

fn sections(rule: &Rule) -> Vec<(&'static str, String)> {
    let source = match rule.basis {
        Basis::Published => "published: the platform's documentation, or a standard that it builds on, says so",
        Basis::Assumed => "assumed: the platform does not say; hookctl.yaml can change what it depends on",
        Basis::Hookctl => "hookctl's own file format and project layout",
    };
    let mut sections = vec![
        ("What it does", rule.what.to_owned()),
        ("Why is this bad", rule.why.to_owned()),
        ("Source", format!("{source}.")),
    ];
    if rule.fixable {
        sections.push(("Fix", "`hookctl validate --fix` mends it where there is one clear answer.".to_owned()));
    }
    sections
}

fn coloured(level: Level, text: &str) -> String {
    match level {
        Level::Error => text.red().to_string(),
        Level::Warning => text.yellow().to_string(),
        Level::Info => text.cyan().to_string(),
        Level::Off => text.dimmed().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_fits_a_terminal_and_is_a_line_a_rule_elsewhere() {
        colored::control::set_override(false);
        assert_eq!(table(None).lines().count(), rules().count());
        for width in [40, 60, 80, 100] {
            let table = table(Some(width));
            let longest = table.lines().map(|line| line.chars().count()).max().unwrap_or(0);
            assert!(longest <= width, "{longest} of {width}:\n{table}");
            for rule in rules() {
                assert!(table.contains(&format!("{}  {}", rule.id, rule.name)), "{width}: {}", rule.id);
            }
        }
    }

    #[test]
    fn the_document_has_every_rule() {
        let document = document();
        for rule in rules() {
            assert!(document.contains(&format!("\n## {} {}\n", rule.id, rule.name)), "{}", rule.id);
        }
    }
}

//! `docs/limits-study.md` shows what its commands print, and the README what `limits` prints.

use crate::harness::{Project, repository};

/// Runs the commands of a document that begin so, each in an empty folder; gives how many there are.
fn shows_what_it_prints(document: &str, beginning: &str) -> usize {
    let text = std::fs::read_to_string(repository().join(document)).expect("the document");
    let folder = Project::new(&[]);
    let mut commands = 0;
    for block in text.split("```console\n").skip(1).filter(|block| block.starts_with(beginning)) {
        let block = block.split("```").next().unwrap_or_default();
        let (command, shown) = block.split_once('\n').expect("a command and its output");
        // No argument needs quotes.
        let args: Vec<&str> = command.strip_prefix("$ hookctl ").expect("a command").split(' ').collect();
        let printed = folder.run(&args).stdout;
        let mut lines = printed.lines();
        for line in shown.lines().filter(|line| *line != "…") {
            assert!(
                lines.any(|printed| printed == line),
                "{command}\nno longer prints, in this order:\n{line}\n\n{printed}"
            );
        }
        commands += 1;
    }
    commands
}

#[test]
fn the_study_shows_what_its_commands_print() {
    assert_eq!(shows_what_it_prints("docs/limits-study.md", "$ "), 5);
}

#[test]
fn the_readme_shows_what_limits_prints() {
    assert_eq!(shows_what_it_prints("README.md", "$ hookctl limits "), 1);
}

//! `docs/limits-study.md` shows what its commands print.

use std::path::Path;

use assert_cmd::cargo::cargo_bin_cmd;

#[test]
fn the_study_shows_what_its_commands_print() {
    let study = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/limits-study.md");
    let study = std::fs::read_to_string(study).expect("the study");
    let folder = tempfile::tempdir().expect("a folder");
    let mut commands = 0;
    for block in study.split("```console\n").skip(1) {
        let block = block.split("```").next().unwrap_or_default();
        let (command, shown) = block.split_once('\n').expect("a command and its output");
        // No argument of the study needs quotes.
        let args = command.strip_prefix("$ hookctl ").expect("a command").split(' ');
        let output = cargo_bin_cmd!("hookctl").current_dir(&folder).args(args).env_remove("CLICOLOR_FORCE").output();
        let printed = String::from_utf8(output.expect("the binary").stdout).expect("UTF-8");
        let mut lines = printed.lines();
        for line in shown.lines().filter(|line| *line != "…") {
            assert!(
                lines.any(|printed| printed == line),
                "{command}\nno longer prints, in this order:\n{line}\n\n{printed}"
            );
        }
        commands += 1;
    }
    assert_eq!(commands, 5);
}

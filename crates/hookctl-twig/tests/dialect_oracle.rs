//! Templates made at random go through Twig itself and through this crate; the answers must be the same.
//!
//! Needs PHP with Twig 3 (Debian's packages php-cli, php-twig and php-mbstring); without them the test is reported as ignored.
//! `HOOKCTL_TWIG_ORACLE`: another driver than `tests/dialect_case/twig.php`.
//! `HOOKCTL_TWIG_CASES`, `HOOKCTL_TWIG_SEED`: how many, and which. `HOOKCTL_TWIG_FREEZE=FILE`: keep the answers as a table.

#[path = "dialect_case/mod.rs"]
mod dialect_case;
#[path = "dialect_case/generate.rs"]
mod generate;

use std::io::Write;
use std::process::{Command, Stdio};

use dialect_case::{Answer, Case};
use libtest_mimic::{Arguments, Failed, Trial};

fn setting<T: std::str::FromStr>(name: &str, otherwise: T) -> T {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// Whether PHP with Twig is here.
fn ready() -> bool {
    Command::new("php")
        .args(["-r", "require 'Twig/autoload.php'; exit(class_exists('Twig\\Environment') ? 0 : 1);"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Templates that may end PHP itself before the test gives up.
const MOST_DEATHS: usize = 20;

/// Twig's answers; none for a template that ends PHP itself (out of memory, a compiled name that PHP refuses).
fn ask(cases: &[Case]) -> Vec<Option<Answer>> {
    let mut answers: Vec<Option<Answer>> = Vec::new();
    while answers.len() < cases.len() {
        let done = answers.len();
        answers.extend(run(&cases[done..]).into_iter().map(Some));
        if answers.len() < cases.len() {
            answers.push(None);
        }
        assert!(answers.iter().filter(|answer| answer.is_none()).count() <= MOST_DEATHS, "PHP keeps ending");
    }
    answers
}

fn run(cases: &[Case]) -> Vec<Answer> {
    let own = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/dialect_case/twig.php").to_owned();
    let driver = setting("HOOKCTL_TWIG_ORACLE", own);
    let mut php =
        Command::new("php").arg(driver).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("php starts");
    let mut input = php.stdin.take().expect("a pipe");
    let lines: String = cases.iter().map(|case| serde_json::to_string(case).expect("JSON") + "\n").collect();
    let writer = std::thread::spawn(move || input.write_all(lines.as_bytes()));
    let output = php.wait_with_output().expect("php ends");
    // Fails where PHP ended before it read everything.
    let _ = writer.join();
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines().map_while(|line| serde_json::from_str(line).ok()).collect()
}

fn random_templates_render_as_twig_renders_them() -> Result<(), Failed> {
    let mut rng = fastrand::Rng::with_seed(setting("HOOKCTL_TWIG_SEED", 1));
    let contexts = generate::contexts();
    let cases: Vec<Case> = (0..setting("HOOKCTL_TWIG_CASES", 2000_usize))
        .map(|index| Case {
            template: generate::template(&mut rng),
            context: contexts[index % contexts.len()].clone(),
            strict: index % 2 == 0,
            timezone: None,
            answer: Answer::default(),
        })
        .collect();
    let answers = ask(&cases);
    let answered: Vec<(&Case, Answer)> =
        cases.iter().zip(answers).filter_map(|(case, answer)| Some((case, answer?))).collect();
    let wrong: Vec<String> = answered.iter().filter_map(|(case, answer)| case.difference(answer)).collect();
    eprintln!("{} templates, {} answered by Twig, {} differ", cases.len(), answered.len(), wrong.len());
    if let Ok(file) = std::env::var("HOOKCTL_TWIG_FREEZE") {
        let table = answered.into_iter().map(|(case, answer)| Case { answer, ..case.clone() });
        let lines: String = table.map(|case| serde_json::to_string(&case).expect("JSON") + "\n").collect();
        std::fs::write(&file, lines).expect("the table can be written");
    }
    if wrong.is_empty() {
        return Ok(());
    }
    Err(format!("{} of {} differ:\n{}", wrong.len(), cases.len(), wrong.join("\n")).into())
}

/// A harness of its own, because the standard one can't decide at run time that a test is ignored.
fn main() {
    let arguments = Arguments::from_args();
    let name = "random_templates_render_as_twig_renders_them";
    let test = match ready() {
        true => Trial::test(name, random_templates_render_as_twig_renders_them),
        false => Trial::test(name, || {
            Err("there is no PHP with Twig here: install php-cli, php-twig and php-mbstring".into())
        })
        .with_kind("needs PHP with Twig 3")
        .with_ignored_flag(true),
    };
    libtest_mimic::run(&arguments, vec![test]).exit();
}

//! JUnit XML: a suite a file, in it a test for each finding, or a passed one where there is none.

use std::collections::BTreeMap;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::Findings;
use crate::lint::Finding;
use crate::report::junit::document;

pub(super) fn write(findings: &Findings<'_>) -> String {
    let mut by_path: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in findings.findings {
        by_path.entry(finding.path()).or_default().push(finding);
    }
    let mut report = Report::new("hookctl validate");
    for path in findings.files {
        let mut suite = TestSuite::new(findings.in_repository(path).as_ref());
        let found = by_path.remove(path.as_str()).unwrap_or_default();
        if found.is_empty() {
            suite.add_test_case(TestCase::new("validate", TestCaseStatus::success()));
        }
        suite.add_test_cases(found.into_iter().map(|finding| case(finding, findings)));
        report.add_test_suite(suite);
    }
    document(&report)
}

/// A test that failed, or where the finding is below the failing level one that passed and says something.
fn case(finding: &Finding, findings: &Findings<'_>) -> TestCase {
    let start = finding.start();
    let path = findings.in_repository(finding.path());
    let place = format!("{path}:{}:{}", start.line, start.column);
    let text = std::iter::once(format!("{place}: {}", finding.diagnostic.message))
        .chain(finding.diagnostic.help.iter().cloned());
    let text = text.collect::<Vec<_>>().join("\n");
    let name = format!("{} {} at {}:{}", finding.rule.id, finding.rule.name, start.line, start.column);
    let fails = finding.diagnostic.severity >= findings.fail_on;
    let status = if fails {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status
            .set_message(finding.diagnostic.message.as_str())
            .set_type(finding.rule.name)
            .set_description(text.as_str());
        status
    } else {
        TestCaseStatus::success()
    };
    let mut case = TestCase::new(name, status);
    case.set_classname(path.as_ref());
    if !fails {
        case.set_system_out(text);
    }
    case
}

//! Flags about an earlier run: compare with it, or fire the scripts that failed in it again.

use std::path::PathBuf;

use crate::delivery::{Baseline, PreviousRun};
use crate::diagnostic::{Diagnostic, Problems, Severity};

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Earlier results")]
pub(super) struct EarlierFlags {
    /// Compare with earlier results (`--format json` or `jsonl`; `-` reads standard input): what started to fail, needs more
    /// retries or got slower
    ///
    /// Differences that could be chance are not reported. A latency (the median and, with at least ten deliveries, the 90th
    /// percentile) counts as changed if it differs by a tenth, or by more than --max-regression allows, and by 5 ms, and if the
    /// 95 % confidence intervals don't overlap. With fewer than six deliveries on either side, one must be twice the other and
    /// 20 ms apart. Retries, and failures if there were some before, are compared with Fisher's exact test (5 %); a change from
    /// none to all always counts.
    #[arg(long, value_name = "OLD.json")]
    compare: Option<PathBuf>,
    /// Fail (exit code 1) if a script got slower by more than this, started to fail or needs more retries
    #[arg(long, value_name = "PERCENT", requires = "compare", value_parser = percent)]
    max_regression: Option<f64>,
    /// Fire only the scripts that failed in these results (`-` reads standard input)
    #[arg(long, value_name = "RESULTS.json", conflicts_with = "scripts")]
    failed_from: Option<PathBuf>,
}

impl EarlierFlags {
    /// The run to compare with.
    pub(super) fn against(&self) -> Result<Option<Baseline>, Problems> {
        let Some(path) = &self.compare else { return Ok(None) };
        Ok(Some(Baseline { past: PreviousRun::read(path)?, max_regression: self.max_regression }))
    }

    /// The scripts to fire again if `--failed-from` is given; an empty list means that nothing failed.
    pub(super) fn scripts(&self) -> Result<Option<Vec<String>>, Problems> {
        let Some(path) = &self.failed_from else { return Ok(None) };
        Ok(Some(PreviousRun::read(path)?.failed().map(str::to_owned).collect()))
    }

    /// Why nothing is fired.
    pub(super) fn nothing_failed(&self) -> Diagnostic {
        let path = self.failed_from.as_deref().unwrap_or_else(|| "".as_ref()).display();
        Diagnostic { severity: Severity::Info, ..Diagnostic::error(format!("nothing failed in `{path}`")) }
    }
}

/// `--max-regression`: a share, from `20%`.
fn percent(text: &str) -> Result<f64, String> {
    let wrong = || match text.trim().parse::<f64>() {
        // Somebody who writes 0.2 more likely means 20 % than 0.2 %.
        Ok(share) if share > 0.0 && share < 1.0 => format!("it has no `%`; write a percentage: `{}%`", share * 100.0),
        Ok(percent) if percent >= 0.0 && percent.is_finite() => format!("it has no `%`; write `{percent}%`"),
        _ => "write a percentage, such as `20%`".to_owned(),
    };
    let number: f64 = text.strip_suffix('%').and_then(|number| number.trim().parse().ok()).ok_or_else(wrong)?;
    if (0.0..=1_000_000.0).contains(&number) {
        Ok(number / 100.0)
    } else {
        Err("write 0% or more, such as `20%`".into())
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn percentages() {
        for (text, share) in [("20%", Some(0.2)), ("0 %", Some(0.0)), ("150%", Some(1.5)), ("0.2", None), ("-5%", None)]
        {
            assert_eq!(super::percent(text).ok(), share, "{text}");
        }
        for (text, words) in [("5", "write `5%`"), ("0.2", "write a percentage: `20%`"), ("-1", "such as `20%`")] {
            let told = super::percent(text).expect_err(text);
            assert!(told.contains(words), "{text}: {told}");
        }
        for text in ["", "%", "NaN%", "inf%", "much"] {
            assert!(super::percent(text).is_err(), "{text}");
        }
    }
}

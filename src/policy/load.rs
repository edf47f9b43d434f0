//! The platform's load rate.

use std::fmt;
use std::str::FromStr;

use crate::text::quantity;

/// How loaded the platform is: 0 (idle) to 1 (published range). Never NaN, never outside.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct LoadRate(f64);

impl LoadRate {
    /// Load 0.
    pub const IDLE: LoadRate = LoadRate(0.0);
    /// Load 1.
    pub const FULL: LoadRate = LoadRate(1.0);

    /// A load rate of that value.
    ///
    /// # Errors
    /// NaN, or not within 0 to 1.
    pub fn new(rate: f64) -> Result<Self, LoadRateError> {
        if (0.0..=1.0).contains(&rate) {
            // `-0.0` is within the range; adding zero makes it a plain 0.
            Ok(Self(rate + 0.0))
        } else {
            Err(LoadRateError(rate.to_string()))
        }
    }

    /// The value, 0 to 1.
    pub fn get(self) -> f64 {
        self.0
    }
}

impl fmt::Display for LoadRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for LoadRate {
    type Err = LoadRateError;

    fn from_str(text: &str) -> Result<Self, LoadRateError> {
        let error = || LoadRateError(text.to_owned());
        quantity::share(text).and_then(|rate| Self::new(rate).ok()).ok_or_else(error)
    }
}

/// Why a value is not a load rate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadRateError(String);

impl fmt::Display for LoadRateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = &self.0;
        let why = match quantity::share(text) {
            Some(rate) if rate < 0.0 => "it is below 0",
            Some(rate) if rate > 1.0 => "it is above 1",
            Some(_) | None => "it is not a number",
        };
        let range = "from 0 (idle) to 1 (fully loaded), such as `0.5` or `50%`";
        match text.trim().parse::<f64>() {
            Ok(percent) if percent > 1.0 && percent <= 100.0 => {
                write!(
                    f,
                    "`{text}` is not a load rate: {why}; write a number {range}; for {percent} percent, write `{percent}%`"
                )
            }
            _ => write!(f, "`{text}` is not a load rate: {why}; write a number {range}"),
        }
    }
}

impl std::error::Error for LoadRateError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_load_rate_is_within_0_and_1() {
        for rate in [0.0, -0.0, 0.5, 0.9375, 1.0] {
            assert_eq!(LoadRate::new(rate).map(LoadRate::get), Ok(rate), "{rate}");
        }
        for rate in [-0.001, 1.001, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(LoadRate::new(rate).is_err(), "{rate}");
        }
        assert_eq!("50%".parse::<LoadRate>().map(LoadRate::get), Ok(0.5));
        assert_eq!(LoadRate::new(-0.0).expect("zero").to_string(), "0");
    }

    #[test]
    fn a_wrong_load_rate_is_said_in_words() {
        for (text, words) in [
            ("1.5", "above 1"),
            ("-0.1", "below 0"),
            ("NaN", "not a number"),
            ("inf", "above 1"),
            ("50", "for 50 percent, write `50%`"),
            ("150%", "above 1"),
            ("0,5", "not a number"),
            ("busy", "not a number"),
            ("", "not a number"),
        ] {
            let error = text.parse::<LoadRate>().expect_err(text).to_string();
            assert!(error.starts_with(&format!("`{text}` is not a load rate")) && error.contains(words), "{error}");
        }
        assert!(LoadRate::new(f64::NAN).expect_err("NaN").to_string().contains("not a number"));
    }
}

//! A figure's median and spread.

use serde::{Deserialize, Serialize};

/// The summary of a figure's samples.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub struct Spread {
    /// Half of the samples are below.
    pub median: f64,
    /// A tenth of the samples is below.
    pub p10: f64,
    /// A tenth of the samples is above.
    pub p90: f64,
    /// The lowest sample.
    pub min: f64,
    /// How many samples there were.
    pub samples: usize,
}

impl Spread {
    /// The spread of `samples`.
    ///
    /// # Panics
    ///
    /// When there are none.
    pub fn of(mut samples: Vec<f64>) -> Self {
        samples.sort_by(f64::total_cmp);
        Self {
            median: quantile(&samples, 0.5),
            p10: quantile(&samples, 0.1),
            p90: quantile(&samples, 0.9),
            min: samples[0],
            samples: samples.len(),
        }
    }

    /// The spread of a value that is known exactly, such as a count.
    pub fn exactly(value: f64) -> Self {
        Self { median: value, p10: value, p90: value, min: value, samples: 1 }
    }

    /// Half of the range from p10 to p90, in percent of the median.
    pub fn percent(&self) -> f64 {
        if self.median == 0.0 { 0.0 } else { (self.p90 - self.p10) / 2.0 / self.median * 100.0 }
    }
}

/// Between two samples, the value in proportion.
fn quantile(sorted: &[f64], q: f64) -> f64 {
    let place = q * (sorted.len() - 1) as f64;
    let (below, above) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    below + (above - below) * place.fract()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_lie_between_samples() {
        let spread = Spread::of(vec![4.0, 1.0, 3.0, 2.0]);
        assert_eq!((spread.median, spread.min, spread.samples), (2.5, 1.0, 4));
        assert!((spread.p10 - 1.3).abs() < 1e-9 && (spread.p90 - 3.7).abs() < 1e-9);
    }
}

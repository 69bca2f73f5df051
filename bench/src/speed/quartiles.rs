//! The middle of many measurements: a mean would be the scheduler's, not the program's.

/// Median and quartiles.
#[derive(Clone, Copy, PartialEq)]
#[cfg_attr(test, derive(Debug))]
pub struct Quartiles {
    /// A quarter of the values are below.
    pub lower: f64,
    /// Half of them are.
    pub median: f64,
    /// Three quarters are.
    pub upper: f64,
}

impl Quartiles {
    /// Of these values; `None` if there are none. Between two values it is interpolated.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut sorted: Vec<f64> = values.into_iter().collect();
        sorted.sort_by(f64::total_cmp);
        let last = sorted.len().checked_sub(1)?;
        let at = |share: f64| {
            let place = share * last as f64;
            let (below, above) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
            below + (above - below) * place.fract()
        };
        Some(Self { lower: at(0.25), median: at(0.5), upper: at(0.75) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[f64]) -> Option<(f64, f64, f64)> {
        Quartiles::of(values.iter().copied()).map(|q| (q.lower, q.median, q.upper))
    }

    #[test]
    fn the_middle_of_an_odd_and_an_even_number() {
        assert_eq!(of(&[3.0, 1.0, 2.0]), Some((1.5, 2.0, 2.5)));
        assert_eq!(of(&[4.0, 1.0, 3.0, 2.0]), Some((1.75, 2.5, 3.25)));
        assert_eq!(of(&[5.0, 1.0, 4.0, 2.0, 3.0]), Some((2.0, 3.0, 4.0)));
    }

    #[test]
    fn one_value_is_all_three_and_none_is_none() {
        assert_eq!(of(&[7.0]), Some((7.0, 7.0, 7.0)));
        assert_eq!(of(&[]), None);
    }

    #[test]
    fn one_slow_run_moves_nothing() {
        assert_eq!(of(&[1.0, 1.0, 1.0, 1.0, 900.0]), Some((1.0, 1.0, 1.0)));
    }
}

//! Prescribed courses of a quantity over the days of a scenario.

/// A point of a course.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CoursePoint {
    /// Days since the start of the scenario.
    pub day: f64,
    /// Value, in the unit of the quantity.
    pub value: f64,
}

/// A piecewise linear course, constant before its first and after its last point.
#[derive(Debug, Clone, PartialEq)]
pub struct Course {
    points: Vec<CoursePoint>,
}

/// A list of points that is not a course.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CourseError {
    /// No points.
    #[error("a course needs at least one point {{ day, value }}")]
    Empty,
    /// A number that is not finite.
    #[error("course point {index}: {field} is not a finite number")]
    NotFinite {
        /// Index of the point, from 0.
        index: usize,
        /// `day` or `value`.
        field: &'static str,
    },
    /// Days that do not ascend.
    #[error("course point {index}: day {day} does not come after day {before}")]
    NotAscending {
        /// Index of the point, from 0.
        index: usize,
        /// Its day.
        day: f64,
        /// Day of the point before it.
        before: f64,
    },
}

impl Course {
    /// A course through `points`, whose days ascend strictly.
    pub fn new(points: Vec<CoursePoint>) -> Result<Self, CourseError> {
        if points.is_empty() {
            return Err(CourseError::Empty);
        }
        let mut before = None;
        for (index, point) in points.iter().enumerate() {
            if !point.day.is_finite() {
                return Err(CourseError::NotFinite {
                    index,
                    field: "day",
                });
            }
            if !point.value.is_finite() {
                return Err(CourseError::NotFinite {
                    index,
                    field: "value",
                });
            }
            if let Some(before) = before.filter(|before| point.day <= *before) {
                return Err(CourseError::NotAscending {
                    index,
                    day: point.day,
                    before,
                });
            }
            before = Some(point.day);
        }
        Ok(Self { points })
    }

    /// The points.
    pub fn points(&self) -> &[CoursePoint] {
        &self.points
    }

    /// Value on `day` (fractions allowed).
    pub fn at(&self, day: f64) -> f64 {
        let next = self.points.partition_point(|point| point.day <= day);
        let after = self.points.get(next);
        let before = next.checked_sub(1).and_then(|index| self.points.get(index));
        match (before, after) {
            (Some(a), Some(b)) => a.value + (b.value - a.value) * ((day - a.day) / (b.day - a.day)),
            (Some(only), None) | (None, Some(only)) => only.value,
            (None, None) => 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(list: &[(f64, f64)]) -> Vec<CoursePoint> {
        list.iter()
            .map(|&(day, value)| CoursePoint { day, value })
            .collect()
    }

    #[test]
    fn linear_between_points_and_constant_outside() {
        let course = Course::new(points(&[(0.0, 6.0), (60.0, 6.0), (360.0, 21.0)])).unwrap();
        for (day, value) in [
            (-1.0, 6.0),
            (0.0, 6.0),
            (30.0, 6.0),
            (60.0, 6.0),
            (160.0, 11.0),
            (400.0, 21.0),
        ] {
            assert!((course.at(day) - value).abs() < 1e-12, "day {day}");
        }
    }

    #[test]
    fn bad_points_are_refused_by_index() {
        assert_eq!(Course::new(vec![]), Err(CourseError::Empty));
        let error = Course::new(points(&[(0.0, 1.0), (0.0, 2.0)])).unwrap_err();
        assert_eq!(
            error,
            CourseError::NotAscending {
                index: 1,
                day: 0.0,
                before: 0.0
            }
        );
        let error = Course::new(points(&[(0.0, f64::NAN)])).unwrap_err();
        assert_eq!(
            error,
            CourseError::NotFinite {
                index: 0,
                field: "value"
            }
        );
        let error = Course::new(points(&[(f64::INFINITY, 0.0)])).unwrap_err();
        assert_eq!(
            error,
            CourseError::NotFinite {
                index: 0,
                field: "day"
            }
        );
    }
}

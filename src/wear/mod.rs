//! How the condition of a turnout changes over time.

mod course;
mod weather;

pub use course::{Course, CourseError, CoursePoint};
pub use weather::{Weather, WeatherError};

//! The names that the program knows, against which a job file is checked.

/// Tables, inputs with their columns, and cohort dimensions, from the rooms that define them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Catalogue {
    /// The result tables.
    pub tables: Vec<&'static str>,
    /// The inputs with the names of their columns, `orders` among them.
    pub inputs: Vec<(&'static str, Vec<&'static str>)>,
    /// The metrics that the program computes, which requirements of assessments name.
    pub metrics: Vec<&'static str>,
    /// The metrics of stages, which stage files name.
    pub stage_metrics: Vec<&'static str>,
    /// What `params.cohort.dimensions` can list.
    pub dimensions: Vec<&'static str>,
}

impl Catalogue {
    /// The names of the inputs.
    pub fn input_names(&self) -> impl Iterator<Item = &'static str> + Clone {
        self.inputs.iter().map(|(name, _)| *name)
    }

    /// The names of an input's columns; none for an unknown input.
    pub fn columns(&self, input: &str) -> &[&'static str] {
        self.inputs.iter().find(|(name, _)| *name == input).map_or(&[], |(_, columns)| columns.as_slice())
    }
}

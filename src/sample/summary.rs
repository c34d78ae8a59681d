//! What was written: files, rows and bytes by input.

/// The files written for one input.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct InputSummary {
    /// The input.
    pub name: &'static str,
    /// Its files.
    pub files: u64,
    /// Their rows, including bad ones.
    pub rows: u64,
    /// Their bytes.
    pub bytes: u64,
    /// The bad rows.
    pub bad_rows: u64,
}

impl InputSummary {
    pub(super) fn add(&mut self, other: &InputSummary) {
        self.files += other.files;
        self.rows += other.rows;
        self.bytes += other.bytes;
        self.bad_rows += other.bad_rows;
    }
}

/// The files written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// By input: orders, traffic, ratings, refunds, shops, those for assessments of the platform, plans, advertising plans, campaigns, audiences,
    /// affiliate orders, inquiries.
    pub inputs: Vec<InputSummary>,
}

//! The integration tests, as one binary: each further one would link polars once more.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "all/cases.rs"]
mod cases;
#[path = "all/docs.rs"]
mod docs;
#[path = "all/reference_cdnow.rs"]
mod reference_cdnow;
#[path = "all/reference_cn_brand.rs"]
mod reference_cn_brand;
#[path = "all/reference_online_retail.rs"]
mod reference_online_retail;
#[path = "all/reference_tmall.rs"]
mod reference_tmall;
#[path = "all/reference_traffic.rs"]
mod reference_traffic;
#[path = "all/result.rs"]
mod result;

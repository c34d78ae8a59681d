//! The integration tests, as one binary: each further one would link polars once more.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "all/as_of.rs"]
mod as_of;
#[path = "all/assessments.rs"]
mod assessments;
#[path = "all/bad_input.rs"]
mod bad_input;
#[path = "all/campaign_inputs.rs"]
mod campaign_inputs;
#[path = "all/cases.rs"]
mod cases;
#[path = "all/customer_base.rs"]
mod customer_base;
#[path = "all/docs.rs"]
mod docs;
#[path = "all/folds.rs"]
mod folds;
#[path = "all/forecast_months.rs"]
mod forecast_months;
#[path = "all/forecast_reference.rs"]
mod forecast_reference;
#[path = "all/forecast_simulated.rs"]
mod forecast_simulated;
#[path = "all/import.rs"]
mod import;
#[path = "all/import_faults.rs"]
mod import_faults;
#[path = "all/import_odd.rs"]
mod import_odd;
#[path = "all/import_twins.rs"]
mod import_twins;
#[path = "all/kill.rs"]
mod kill;
#[path = "all/laws.rs"]
mod laws;
#[path = "all/lists.rs"]
mod lists;
#[path = "all/memory.rs"]
mod memory;
#[path = "all/model_cdnow.rs"]
mod model_cdnow;
#[path = "all/model_formulas.rs"]
mod model_formulas;
#[path = "all/model_online_retail.rs"]
mod model_online_retail;
#[path = "all/model_sbg.rs"]
mod model_sbg;
#[path = "all/model_simulated.rs"]
mod model_simulated;
#[path = "all/odd_input.rs"]
mod odd_input;
#[path = "all/postgres.rs"]
mod postgres;
#[path = "all/postgres_failures.rs"]
mod postgres_failures;
#[path = "all/postgres_readers.rs"]
mod postgres_readers;
#[path = "all/postgres_server.rs"]
mod postgres_server;
#[path = "all/projections.rs"]
mod projections;
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
#[path = "all/report.rs"]
mod report;
#[path = "all/result.rs"]
mod result;
#[path = "all/rooms.rs"]
mod rooms;
#[path = "all/scene.rs"]
mod scene;
#[path = "all/show.rs"]
mod show;
#[path = "all/small_inputs.rs"]
mod small_inputs;
#[path = "all/wild.rs"]
mod wild;

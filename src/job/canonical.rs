//! The canonical text of a job: two jobs with the same text make the same tables from the same files.

use serde_json::{Value, json};

use super::forecast::ForecastParams;
use super::freshness::Freshness;
use super::keys::REQUIRED_INPUT;
use super::member_level::MemberLevel;
use super::params::{Campaign, Cohort, Lifecycle, Params, RecencyScore, Rfm, RfmMethod};
use super::price_ending::PriceEnding;
use super::rule::{AssessedPeriod, Base, ByCategory, Condition, Level, Peers, Requirement, Rule, Test, Threshold, ThresholdColumn};
use super::rule_keys::{ANNUAL_TARGET, SHOP_METRICS_PREFIX};
use super::stage::{Stage, StageBound, StageRule, Stages};
use super::strategy::{Ordering, Strategy};
use super::{CoolDown, Customers, GroupIds, InputSpec, Job, MoneyUnit, Output, Tables};
use crate::spec::currency::CNY;
use crate::spec::period::iso;

impl Job {
    /// JSON in a fixed order, for the fingerprint of the snapshot. It leaves out what does not change a table (the job's name, the paths
    /// of the job file and the output), and the as-of date, which the snapshot's name contains beside the fingerprint. Rules and
    /// strategies are included with their content, not with their file names. Paths are as written, so that a moved job keeps its
    /// fingerprint. Keys that the job does not write are included with their defaults.
    pub fn canonical(&self) -> String {
        // Destructures every field, so that the compiler finds a new one that is missing here.
        let Job {
            name: _,
            file: _,
            folder: _,
            timezone,
            zone: _,
            as_of: _,
            shop,
            currency,
            inputs,
            params,
            assessments,
            strategies,
            stages: stages_of,
            tables,
            table_places: _,
            output,
        } = self;
        let Output { path: _, keep: _, report, state: _, postgres: _ } = output;
        let inputs: Vec<Value> = inputs.iter().map(|(name, spec)| input(name, spec)).collect();
        let tables = match tables {
            Tables::All => json!("all"),
            Tables::List(names) => {
                let mut names = names.clone();
                names.sort_unstable();
                json!(names)
            }
        };
        let assessments: Vec<Value> = assessments.iter().map(rule).collect();
        let strategies: Vec<Value> = strategies.iter().map(strategy).collect();
        let mut text = json!({
            "timezone": timezone,
            "shop": shop,
            "inputs": inputs,
            "params": parameters(params),
            "assessments": assessments,
            "strategies": strategies,
            "tables": tables,
        });
        // Only if it is requested, so that jobs without it keep the names of their snapshots.
        if let (Some(lang), Some(text)) = (report, text.as_object_mut()) {
            text.insert("report".to_owned(), json!(lang.name()));
        }
        if let (Some(of_job), Some(text)) = (stages_of, text.as_object_mut()) {
            text.insert("stages".to_owned(), stages(of_job));
        }
        if let (true, Some(text)) = (currency != CNY, text.as_object_mut()) {
            text.insert("currency".to_owned(), json!(currency));
        }
        text.to_string()
    }
}

impl InputSpec {
    /// The canonical text of the input of that name: what decides how its rows are read, and how recent they must be.
    pub fn canonical(&self, name: &str) -> String {
        input(name, self).to_string()
    }

    /// The same of what decides how its rows are read alone: where its files lie, and how recent they must be, changes no row.
    pub fn canonical_of_rows(&self, name: &str) -> String {
        InputSpec { written_path: String::new(), freshness: Freshness::default(), ..self.clone() }.canonical(name)
    }
}

fn input(name: &str, spec: &InputSpec) -> Value {
    let InputSpec {
        path: _,
        written_path,
        columns,
        status,
        filter,
        money,
        times,
        freshness,
        customers,
        place: _,
        column_places: _,
        filter_place: _,
    } = spec;
    // A mapping of a column to our name is the same as no mapping.
    let columns: Vec<Value> = columns.iter().filter(|(ours, theirs)| ours != theirs).map(|(ours, theirs)| json!([ours, theirs])).collect();
    let status: Vec<Value> = status.iter().map(|(theirs, meaning)| json!([theirs, meaning.name()])).collect();
    let money = match money {
        MoneyUnit::Major => "major",
        MoneyUnit::Minor => "minor",
    };
    let mut text = json!({ "input": name, "path": written_path, "columns": columns, "status": status, "filter": filter, "money": money });
    // Only if the job says it, so that jobs without it keep the names of their snapshots.
    if let (Some(times), Some(text)) = (times.canonical(), text.as_object_mut()) {
        text.insert("times".to_owned(), times);
    }
    let Freshness { warn, error } = freshness;
    // Only where there is a limit, so that other jobs keep the names of their snapshots.
    if let (Some(_), Some(text)) = (freshness.stale_from(), text.as_object_mut()) {
        text.insert("freshness".to_owned(), json!({ "warn": warn, "error": error }));
    }
    if let (REQUIRED_INPUT, Some(text)) = (name, text.as_object_mut()) {
        let customers = match customers {
            Customers::Optional => "optional",
            Customers::Required => "required",
        };
        text.insert("customers".to_owned(), customers.into());
    }
    text
}

fn parameters(params: &Params) -> Value {
    let Params {
        cohort,
        history_warmup,
        lifecycle,
        week_starts,
        migration_period,
        rfm,
        forecast,
        max_nth,
        promise_hours,
        timing_days,
        alert_days,
        min_customers,
        price_ending,
        max_reject_share,
        min_peers,
        min_pair_orders,
        max_pairs,
        brief_size,
        campaign,
        cool_down,
        member_levels,
        amount_bands,
        totals,
        group_ids,
    } = params;
    let Campaign { window_days } = campaign;
    let Cohort { grains, dimensions } = cohort;
    let ForecastParams { model, horizon_days, months } = forecast;
    let Lifecycle { active_days, quiet_days, dormant_days, is_suggested, thresholds } = lifecycle;
    let Rfm { method, monetary_value } = rfm;
    let scored_by_stages = *method == RfmMethod::Quantile(RecencyScore::Stages);
    let method = match method {
        RfmMethod::Quantile(_) => json!("quantile"),
        RfmMethod::Fixed { recency_days, frequency, monetary } => {
            json!({ "recency_days": recency_days, "frequency": frequency, "monetary_minor": monetary })
        }
    };
    let mut text = json!({
        "cohort": { "grain": grains.iter().map(|grain| grain.name()).collect::<Vec<_>>(), "dimensions": dimensions },
        "history_warmup": history_warmup,
        "week_starts": week_starts.name(),
        "migration_period": migration_period.name(),
        "lifecycle": { "active_days": active_days, "quiet_days": quiet_days, "dormant_days": dormant_days, "is_suggested": is_suggested, "thresholds": thresholds },
        "rfm": { "method": method, "monetary_value": monetary_value.name() },
        "forecast": { "model": model.name(), "horizon_days": horizon_days, "months": months },
        "max_nth": max_nth,
        "promise_hours": promise_hours,
        "timing_days": timing_days,
        "min_customers": min_customers,
        "max_reject_share": max_reject_share,
        "min_peers": min_peers,
        "min_pair_orders": min_pair_orders,
        "max_pairs": max_pairs,
        "brief_size": brief_size,
        "campaign": { "window_days": window_days },
        "member_levels": member_levels.iter().map(member_level).collect::<Vec<_>>(),
        "amount_bands_minor": amount_bands,
    });
    // Not where it is the rank, so that such jobs keep the names of their snapshots.
    if let (true, Some(rfm)) = (scored_by_stages, text.get_mut("rfm").and_then(Value::as_object_mut)) {
        rfm.insert("recency".to_owned(), RecencyScore::Stages.name().into());
    }
    // Not where every list counts, so that such jobs keep the names of their snapshots.
    if let (true, Some(text)) = (*cool_down != CoolDown::Listed, text.as_object_mut()) {
        text.insert("cool_down".to_owned(), cool_down.name().into());
    }
    // Only where it is another number, so that other jobs keep the names of their snapshots.
    if let (true, Some(text)) = (*alert_days != Params::default().alert_days, text.as_object_mut()) {
        text.insert("alert_days".to_owned(), json!(alert_days));
    }
    // Only where it is another one, so that jobs of whole yuan keep the names of their snapshots.
    if let (true, Some(text)) = (*price_ending != PriceEnding::default(), text.as_object_mut()) {
        let PriceEnding { step, ending } = price_ending;
        text.insert("price_ending_minor".to_owned(), json!({ "step": step, "ending": ending }));
    }
    // Only if the job asks for some, so that jobs without them keep the names of their snapshots.
    if let (false, Some(text)) = (totals.is_empty(), text.as_object_mut()) {
        text.insert("totals".to_owned(), totals.iter().map(|total| total.name()).collect());
    }
    if let (GroupIds::Shared, Some(text)) = (group_ids, text.as_object_mut()) {
        text.insert("group_ids".to_owned(), group_ids.name().into());
    }
    text
}

fn member_level(level: &MemberLevel) -> Value {
    let MemberLevel { name, min_amount, min_orders } = level;
    json!({ "name": name, "min_amount_minor": min_amount, "min_orders": min_orders })
}

fn rule(rule: &Rule) -> Value {
    let Rule { assessment, file: _, place: _, valid_from, valid_to, period, peers, open_months, min_peers, requirements } = rule;
    let period = match period {
        AssessedPeriod::Calendar(grain) => json!(grain.name()),
        AssessedPeriod::RollingYear { exempt_months, trial_months } => {
            json!({ "exempt_months": exempt_months, "trial_months": trial_months })
        }
        AssessedPeriod::Window { from_day, to_day } => json!({ "from_day": from_day, "to_day": to_day }),
        AssessedPeriod::Trailing { days } => json!({ "days": days }),
    };
    let peers = match peers {
        Peers::Category => "category",
        Peers::All => "all",
    };
    json!({
        "assessment": assessment,
        "valid_from": valid_from.map(iso),
        "valid_to": valid_to.map(iso),
        "period": period,
        "peers": peers,
        "open_months": open_months,
        "min_peers": min_peers,
        "requirements": requirements.iter().map(requirement).collect::<Vec<_>>(),
    })
}

fn requirement(requirement: &Requirement) -> Value {
    let Requirement { metric, test, base, k, standard, trial_share, when, levels } = requirement;
    let (test, against) = match test {
        Test::AtLeast(limit) => ("at_least", threshold(limit)),
        Test::AtMost(limit) => ("at_most", threshold(limit)),
        Test::NotBottom { share } => ("not_bottom", json!(share)),
        Test::AtLeastPeerMean => ("at_least_peer_mean", Value::Null),
        Test::AtMostPeerMean => ("at_most_peer_mean", Value::Null),
    };
    let base = Base::NAMES.into_iter().find(|(_, known)| known == base).map(|(name, _)| name);
    let when: Vec<Value> = when.iter().map(|Condition { metric, at_least, at_most }| json!([metric, at_least, at_most])).collect();
    let levels: Vec<Value> = levels.iter().map(|Level { points, consequence }| json!([points, consequence])).collect();
    json!({
        "metric": metric,
        "test": test,
        "against": against,
        "base": base,
        "k": k,
        "standard": standard.as_ref().map(by_category),
        "trial_share": trial_share.as_ref().map(by_category),
        "when": when,
        "levels": levels,
    })
}

fn threshold(threshold: &Threshold) -> Value {
    let Threshold { column, value } = threshold;
    let column = column.as_ref().map(|column| match column {
        ThresholdColumn::AnnualTarget => ANNUAL_TARGET.to_owned(),
        ThresholdColumn::ShopMetric(name) => format!("{SHOP_METRICS_PREFIX}{name}"),
    });
    json!({ "column": column, "value": value.as_ref().map(by_category) })
}

fn by_category(numbers: &ByCategory) -> Value {
    let ByCategory { own, others } = numbers;
    json!({ "own": own.iter().map(|(category, number)| json!([category, number])).collect::<Vec<_>>(), "others": others })
}

fn strategy(strategy: &Strategy) -> Value {
    let Strategy {
        name,
        title,
        place: _,
        condition,
        condition_place: _,
        order_by,
        order_place: _,
        max_size,
        cool_down_days,
        min_hours_since_order,
        control_share,
    } = strategy;
    let order_by: Vec<Value> = order_by.iter().map(|Ordering { column, is_descending }| json!([column, is_descending])).collect();
    json!({
        "strategy": name,
        "title": title,
        "where": condition,
        "order_by": order_by,
        "max_size": max_size,
        "cool_down_days": cool_down_days,
        "min_hours_since_order": min_hours_since_order,
        "control_share": control_share,
    })
}

fn stages(stages: &Stages) -> Value {
    let Stages { rules, metrics } = stages;
    let bound = |StageBound { figure, at_least, at_most, or_unknown }: &StageBound| {
        // A file without the key has the name that it had before there was one.
        if *or_unknown { json!([figure.name(), at_least, at_most, or_unknown]) } else { json!([figure.name(), at_least, at_most]) }
    };
    let rule = |StageRule { stage, bounds }: &StageRule| json!([stage.name(), bounds.iter().map(bound).collect::<Vec<_>>()]);
    let metrics = Stage::ALL.into_iter().zip(metrics).map(|(stage, names)| json!([stage.name(), names]));
    json!({ "rules": rules.iter().map(rule).collect::<Vec<_>>(), "metrics": metrics.collect::<Vec<_>>() })
}

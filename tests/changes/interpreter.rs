//! A plain interpreter of changesets: all that a reader in any language needs. The
//! interpreter knows JSON and no type of the state.

use serde_json::{Map, Value};

/// The JSON of the state at `set.to`, from that of the state at `set.from`.
pub(crate) fn apply(mut state: Value, set: &Value) -> Result<Value, String> {
    for op in set["ops"].as_array().ok_or("there are no ops")? {
        let parts = op.as_array().ok_or("an op is an array")?;
        step(&mut state, parts).map_err(|error| format!("{error}: {op}"))?;
    }
    Ok(state)
}

fn step(state: &mut Value, op: &[Value]) -> Result<(), String> {
    let (sign, place) = (text(op.first())?, list(op.get(1))?);
    match (sign, &op[2..], place.split_last()) {
        ("+", next, Some((Value::Array(member), set))) => {
            add(at(state, set)?, only(member)?, next.first().map(|next| only(list(Some(next))?)))
        }
        ("-", [], Some((Value::Array(member), set))) => leave(at(state, set)?, only(member)?),
        ("=", [value], _) => set(state, place, value.clone()),
        ("+", values @ [_, ..], _) => insert(state, place, values),
        ("-", [], Some((last, owner))) => remove(at(state, owner)?, last),
        ("-", [parts], _) => {
            let owner = at(state, place)?;
            list(Some(parts))?.iter().rev().try_for_each(|part| remove(owner, part))
        }
        ("~", [first, from], _) => order(at(state, place)?, index(first)?, list(Some(from))?),
        _ => Err("an op has a sign, a place and what the sign needs".to_owned()),
    }
}

fn at<'v>(state: &'v mut Value, place: &[Value]) -> Result<&'v mut Value, String> {
    place.iter().try_fold(state, |value, part| match value {
        Value::Array(items) => items.get_mut(index(part)?).ok_or("no such index".to_owned()),
        Value::Object(members) => {
            members.get_mut(text(Some(part))?).ok_or("no such member".to_owned())
        }
        _ => Err("nothing is below".to_owned()),
    })
}

fn set(state: &mut Value, place: &[Value], value: Value) -> Result<(), String> {
    let Some((last, owner)) = place.split_last() else {
        *state = value;
        return Ok(());
    };
    match at(state, owner)? {
        Value::Array(items) => *items.get_mut(index(last)?).ok_or("no such index")? = value,
        Value::Object(members) => drop(members.insert(text(Some(last))?.to_owned(), value)),
        _ => return Err("nothing is below".to_owned()),
    }
    Ok(())
}

fn insert(state: &mut Value, place: &[Value], values: &[Value]) -> Result<(), String> {
    let (last, owner) = place.split_last().ok_or("the root is there")?;
    match at(state, owner)? {
        Value::Array(items) if index(last)? <= items.len() => {
            let at = index(last)?;
            drop(items.splice(at..at, values.iter().cloned()));
        }
        Value::Object(members) if !members.contains_key(text(Some(last))?) && values.len() == 1 => {
            members.insert(text(Some(last))?.to_owned(), values[0].clone());
        }
        _ => return Err("it cannot be inserted there".to_owned()),
    }
    Ok(())
}

fn remove(owner: &mut Value, part: &Value) -> Result<(), String> {
    match owner {
        Value::Array(items) if index(part)? < items.len() => drop(items.remove(index(part)?)),
        Value::Object(members) => drop(take(members, text(Some(part))?)?),
        _ => return Err("nothing is there".to_owned()),
    }
    Ok(())
}

fn take(members: &mut Map<String, Value>, name: &str) -> Result<Value, String> {
    members.remove(name).ok_or("no such member".to_owned())
}

/// Adds a member to a set, before another one or at the end.
fn add(
    set: &mut Value,
    member: &Value,
    next: Option<Result<&Value, String>>,
) -> Result<(), String> {
    let members = set.as_array_mut().ok_or("it is not a set")?;
    if !members.contains(member) {
        let next = next.transpose()?;
        let at = next.and_then(|next| members.iter().position(|member| member == next));
        members.insert(at.unwrap_or(members.len()), member.clone());
    }
    Ok(())
}

fn leave(set: &mut Value, member: &Value) -> Result<(), String> {
    let members = set.as_array_mut().ok_or("it is not a set")?;
    let at = members.iter().position(|present| present == member).ok_or("no such member")?;
    members.remove(at);
    Ok(())
}

fn only(member: &[Value]) -> Result<&Value, String> {
    match member {
        [member] => Ok(member),
        _ => Err("a member is an array of one".to_owned()),
    }
}

fn order(list: &mut Value, first: usize, from: &[Value]) -> Result<(), String> {
    let items = list.as_array_mut().ok_or("it is not a list")?;
    let before = items.clone();
    for (to, from) in (first..).zip(from) {
        let from = before.get(index(from)?).ok_or("no such index")?;
        *items.get_mut(to).ok_or("no such index")? = from.clone();
    }
    Ok(())
}

fn text(part: Option<&Value>) -> Result<&str, String> {
    part.and_then(Value::as_str).ok_or("a name was expected".to_owned())
}

fn index(part: &Value) -> Result<usize, String> {
    part.as_u64().map(|index| index as usize).ok_or("an index was expected".to_owned())
}

fn list(part: Option<&Value>) -> Result<&[Value], String> {
    part.and_then(Value::as_array).map(Vec::as_slice).ok_or("a list was expected".to_owned())
}

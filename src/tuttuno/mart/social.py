"""On which days each person was active on social media."""

import ibis

from tuttuno.mart.model import model
from tuttuno.schema.lake import TOUCH
from tuttuno.schema.mart import PERSON_OF_RECORD, SOCIAL
from tuttuno.vocab import Channel


@model(table=SOCIAL, reads=(TOUCH, PERSON_OF_RECORD))
def social(touch: ibis.Table, person_of_record: ibis.Table) -> ibis.Table:
    """Count the touches on the social channel; one that nobody is known for has no row."""
    there = touch.filter(touch.channel == Channel.SOCIAL.value)
    own = there.inner_join(person_of_record, "record_key")
    return own.group_by("person_id", day=own.at.date()).agg(touches=own.count())

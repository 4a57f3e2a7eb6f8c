"""Quantities in words: so many days, one order."""

from tuttuno.web.locale import Speech


def of_unit(value: float, unit: str, speech: Speech) -> str:
    """Write a figure with its unit, which agrees with it in number."""
    figure = speech.figure(value)
    count = 1 if value == 1 else 2
    match unit:
        case "" | "1":
            return figure
        case "minute":
            said = speech.many("%(figure)s minute", "%(figure)s minutes", count, figure=figure)
        case "day":
            said = speech.many("%(figure)s day", "%(figure)s days", count, figure=figure)
        case "month":
            said = speech.many("%(figure)s month", "%(figure)s months", count, figure=figure)
        case "week":
            said = speech.many("%(figure)s week", "%(figure)s weeks", count, figure=figure)
        case "basket":
            said = speech.many("%(figure)s basket", "%(figure)s baskets", count, figure=figure)
        case "person":
            said = speech.many("%(figure)s person", "%(figure)s people", count, figure=figure)
        case "product":
            said = speech.many("%(figure)s product", "%(figure)s products", count, figure=figure)
        case "order":
            said = speech.many("%(figure)s order", "%(figure)s orders", count, figure=figure)
        case _:
            said = f"{figure} {speech.say(unit)}"
    return said

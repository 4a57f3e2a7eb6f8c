"""The cities where stores stand and customers live, with their public codes."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class City:
    """A real Italian city; `registry` is its code in the Italian tax code."""

    name: str
    province: str
    cap: int
    caps: int
    latitude: float
    longitude: float
    registry: str
    prefix: str
    size: float


#: First the cities that always have a store; `cap` is the first of `caps` post codes used,
#: `size` the relative number of customers.
CITIES = (
    City("Milano", "MI", 20121, 25, 45.4642, 9.1900, "F205", "02", 13.0),
    City("Roma", "RM", 118, 80, 41.9028, 12.4964, "H501", "06", 15.0),
    City("Torino", "TO", 10121, 30, 45.0703, 7.6869, "L219", "011", 8.0),
    City("Napoli", "NA", 80121, 24, 40.8518, 14.2681, "F839", "081", 8.0),
    City("Bologna", "BO", 40121, 20, 44.4949, 11.3426, "A944", "051", 6.0),
    City("Firenze", "FI", 50121, 24, 43.7696, 11.2558, "D612", "055", 6.0),
    City("Genova", "GE", 16121, 45, 44.4056, 8.9463, "D969", "010", 5.0),
    City("Verona", "VR", 37121, 20, 45.4384, 10.9916, "L781", "045", 5.0),
    City("Padova", "PD", 35121, 23, 45.4064, 11.8768, "G224", "049", 4.5),
    City("Bari", "BA", 70121, 12, 41.1171, 16.8719, "A662", "080", 5.0),
    City("Catania", "CT", 95121, 11, 37.5079, 15.0830, "C351", "095", 4.5),
    City("Palermo", "PA", 90121, 30, 38.1157, 13.3615, "G273", "091", 5.0),
    City("Brescia", "BS", 25121, 16, 45.5416, 10.2118, "B157", "030", 3.5),
    City("Parma", "PR", 43121, 6, 44.8015, 10.3279, "G337", "0521", 3.0),
    City("Modena", "MO", 41121, 6, 44.6471, 10.9252, "F257", "059", 3.0),
    City("Bergamo", "BG", 24121, 9, 45.6983, 9.6773, "A794", "035", 3.0),
    City("Trieste", "TS", 34121, 30, 45.6495, 13.7768, "L424", "040", 2.8),
    City("Cagliari", "CA", 9121, 14, 39.2238, 9.1217, "B354", "070", 2.8),
    City("Perugia", "PG", 6121, 14, 43.1107, 12.3908, "G478", "075", 2.5),
    City("Ancona", "AN", 60121, 11, 43.6158, 13.5189, "A271", "071", 2.2),
    City("Pescara", "PE", 65121, 9, 42.4618, 14.2161, "G482", "085", 2.2),
    City("Salerno", "SA", 84121, 15, 40.6824, 14.7681, "H703", "089", 2.5),
    City("Lecce", "LE", 73100, 1, 40.3515, 18.1750, "E506", "0832", 2.0),
    City("Rimini", "RN", 47921, 4, 44.0678, 12.5695, "H294", "0541", 2.2),
    City("Ravenna", "RA", 48121, 5, 44.4184, 12.2035, "H199", "0544", 2.0),
    City("Ferrara", "FE", 44121, 4, 44.8381, 11.6198, "D548", "0532", 1.8),
    City("Livorno", "LI", 57121, 8, 43.5485, 10.3106, "E625", "0586", 1.8),
    City("Pisa", "PI", 56121, 8, 43.7228, 10.4017, "G702", "050", 1.8),
    City("Trento", "TN", 38121, 3, 46.0748, 11.1217, "L378", "0461", 1.8),
    City("Udine", "UD", 33100, 1, 46.0711, 13.2346, "L483", "0432", 1.8),
    City("Vicenza", "VI", 36100, 1, 45.5455, 11.5354, "L840", "0444", 1.8),
    City("Treviso", "TV", 31100, 1, 45.6669, 12.2430, "L407", "0422", 1.6),
    City("Novara", "NO", 28100, 1, 45.4469, 8.6217, "F952", "0321", 1.5),
    City("Messina", "ME", 98121, 10, 38.1938, 15.5540, "F158", "090", 2.0),
    City("Foggia", "FG", 71121, 2, 41.4622, 15.5446, "D643", "0881", 1.5),
    City("Sassari", "SS", 7100, 1, 40.7259, 8.5557, "I452", "079", 1.5),
)

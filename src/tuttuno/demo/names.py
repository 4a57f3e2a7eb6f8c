"""Common Italian names and streets; people are put together from them by chance."""

FEMALE = (
    "Giulia", "Anna", "Maria", "Francesca", "Sara", "Laura", "Chiara", "Valentina", "Alessia",
    "Martina", "Giorgia", "Elena", "Federica", "Silvia", "Paola", "Elisa", "Roberta", "Alice",
    "Sofia", "Aurora", "Beatrice", "Ilaria", "Simona", "Cristina", "Daniela", "Monica",
    "Claudia", "Barbara", "Patrizia", "Lucia", "Rosa", "Teresa", "Antonella", "Angela",
    "Giovanna", "Caterina", "Rita", "Carla", "Manuela", "Marta", "Michela", "Serena", "Noemi",
    "Camilla", "Greta", "Emma", "Ginevra", "Matilde", "Vittoria", "Bianca", "Irene",
    "Margherita", "Gaia", "Arianna", "Rebecca", "Veronica", "Eleonora", "Sabrina", "Stefania",
    "Debora", "Raffaella", "Loredana", "Donatella", "Emanuela", "Nicoletta", "Marina",
    "Concetta", "Assunta", "Filomena", "Carmela", "Immacolata", "Agnese", "Annalisa",
    "Mariachiara", "Gioia", "Ludovica", "Asia", "Miriam", "Viola", "Adele", "Ornella",
    "Tiziana", "Luisa", "Graziella", "Bruna", "Ivana", "Gabriella",
)  # fmt: skip

MALE = (
    "Marco", "Andrea", "Luca", "Francesco", "Alessandro", "Matteo", "Lorenzo", "Davide",
    "Simone", "Federico", "Riccardo", "Giuseppe", "Antonio", "Giovanni", "Roberto", "Stefano",
    "Paolo", "Mario", "Luigi", "Salvatore", "Vincenzo", "Pietro", "Domenico", "Angelo",
    "Michele", "Fabio", "Daniele", "Claudio", "Massimo", "Alberto", "Enrico", "Giorgio",
    "Carlo", "Franco", "Bruno", "Sergio", "Maurizio", "Gabriele", "Tommaso", "Leonardo",
    "Edoardo", "Filippo", "Jacopo", "Emanuele", "Nicola", "Niccolò", "Raffaele", "Gennaro",
    "Pasquale", "Ciro", "Carmine", "Rocco", "Cosimo", "Calogero", "Gaetano", "Alfredo",
    "Umberto", "Vittorio", "Giacomo", "Diego", "Mattia", "Christian", "Samuele", "Cristian",
    "Manuel", "Ivan", "Mirko", "Gianluca", "Gianmarco", "Pierluigi", "Giancarlo", "Ettore",
    "Achille", "Dario", "Elia", "Nicolò", "Saverio", "Valerio", "Ruggero", "Flavio", "Tiziano",
    "Renato", "Aldo", "Guido", "Piero", "Silvio", "Corrado", "Damiano", "Ugo",
)  # fmt: skip

FAMILY = (
    "Rossi", "Russo", "Ferrari", "Esposito", "Bianchi", "Romano", "Colombo", "Ricci", "Marino",
    "Greco", "Bruno", "Gallo", "Conti", "Costa", "Giordano", "Mancini", "Rizzo", "Lombardi",
    "Moretti", "Barbieri", "Fontana", "Santoro", "Mariani", "Rinaldi", "Caruso", "Ferrara",
    "Galli", "Martini", "Leone", "Longo", "Gentile", "Martinelli", "Vitale", "Lombardo",
    "Serra", "Coppola", "Marchetti", "Parisi", "Villa", "Conte", "Ferraro", "Ferri", "Fabbri",
    "Bianco", "Marini", "Grasso", "Valentini", "Messina", "Sala", "Gatti", "Pellegrini",
    "Palumbo", "Sanna", "Farina", "Rizzi", "Monti", "Cattaneo", "Morelli", "Amato",
    "Silvestri", "Mazza", "Testa", "Grassi", "Pellegrino", "Carbone", "Giuliani", "Benedetti",
    "Barone", "Rossetti", "Caputo", "Montanari", "Guerra", "Palmieri", "Bernardi", "Martino",
    "Fiore", "Ferretti", "Bellini", "Basile", "Riva", "Donati", "Piras", "Vitali", "Battaglia",
    "Sartori", "Neri", "Costantini", "Milani", "Pagano", "Ruggiero", "Sorrentino", "Orlando",
    "Damico", "Negri", "Mantovani", "Bruni", "Fumagalli", "Zanetti", "Valente", "Marchi",
    "Poli", "Tosi", "Rota", "Cocco", "Melis", "Murgia", "Puddu", "Bassi", "Berti", "Brambilla",
    "Casagrande", "Cavalli", "Ceccarelli", "Cirillo", "Corsi", "Crippa", "Fabris", "Ferrero",
    "Franchi", "Gargiulo", "Giorgi", "Grimaldi", "Guidi", "Leoni", "Locatelli", "Lupo",
    "Maggi", "Marra", "Mauro", "Mele", "Molinari", "Morandi", "Napolitano", "Nobile",
    "Olivieri", "Orsini", "Pace", "Papa", "Pavan", "Perrone", "Piazza", "Pini", "Pugliese",
    "Quaranta", "Raimondi", "Righi", "Rocca", "Sacco", "Salerno", "Salvi", "Sasso", "Scotti",
    "Simonetti", "Spina", "Stella", "Tedesco", "Toscano", "Trevisan", "Valli", "Venturi",
    "Viola", "Visentin", "Vitiello", "Volpe", "Zambon", "Zanella", "Zanon", "Zito", "D'Angelò",
    "D'Amico", "D'Agostino", "Dell'Orto", "De Luca", "De Santis", "De Angelis", "De Rosa",
    "Di Stefano", "Di Marco", "Della Valle", "Lo Bianco", "La Rosa", "Nicolò", "Cantù",
    "Viganò", "Muzzì", "Dalla Costa", "Li Volsi", "Dal Pozzo",
)  # fmt: skip

#: How friends and the CRM call some of them.
NICKNAMES = {
    "Francesca": "Franci", "Alessandro": "Ale", "Alessia": "Ale", "Giuseppe": "Pippo",
    "Salvatore": "Totò", "Antonio": "Tonino", "Giovanni": "Gianni", "Luigi": "Gigi",
    "Federica": "Fede", "Federico": "Fede", "Valentina": "Vale", "Elisabetta": "Betta",
    "Lorenzo": "Lollo", "Roberta": "Roby", "Roberto": "Roby", "Stefania": "Stefy",
    "Stefano": "Ste", "Daniela": "Dany", "Daniele": "Dany", "Vincenzo": "Enzo",
    "Domenico": "Mimmo", "Caterina": "Cate", "Eleonora": "Ele", "Beatrice": "Bea",
    "Margherita": "Marghe", "Leonardo": "Leo", "Edoardo": "Edo", "Tommaso": "Tommi",
    "Gabriella": "Gabry", "Giuliana": "Giuli", "Giulia": "Giuly", "Maurizio": "Mauri",
    "Riccardo": "Ricky", "Michele": "Miky", "Nicoletta": "Nico", "Pasquale": "Lino",
}  # fmt: skip

_VIA = (
    "Roma", "Giuseppe Garibaldi", "Giuseppe Mazzini", "Dante Alighieri", "Camillo Cavour",
    "Giacomo Matteotti", "Guglielmo Marconi", "Alessandro Manzoni", "Giosuè Carducci",
    "Giacomo Leopardi", "Giuseppe Verdi", "Gioacchino Rossini", "Giacomo Puccini",
    "Leonardo da Vinci", "Galileo Galilei", "Alessandro Volta", "Michelangelo Buonarroti",
    "San Francesco d'Assisi", "San Martino", "Santa Lucia", "delle Rose", "dei Mille",
    "XX Settembre", "IV Novembre", "Nazario Sauro", "Cesare Battisti", "Aldo Moro",
    "Enrico Fermi", "Antonio Gramsci", "Ugo Foscolo", "Torquato Tasso", "del Lavoro",
    "della Pace", "dell'Industria", "Nuova", "Vecchia", "Piave", "Isonzo", "Trento", "Trieste",
    "Milano", "Venezia", "Firenze",
)  # fmt: skip

_VIALE = (
    "della Repubblica", "Europa", "Italia", "dei Tigli", "Monte Grappa", "della Stazione",
)  # fmt: skip

_PIAZZA = (
    "della Libertà", "Duomo", "Vittorio Veneto", "San Giovanni", "del Mercato", "Cavour",
)  # fmt: skip

_CORSO = (
    "Vittorio Emanuele II", "Umberto I", "Italia", "Garibaldi", "della Vittoria",
)  # fmt: skip

#: The kind of street and its name; every kind has spellings in `mess.py`.
STREETS = (
    *(("Via", name) for name in _VIA),
    *(("Viale", name) for name in _VIALE),
    *(("Piazza", name) for name in _PIAZZA),
    *(("Corso", name) for name in _CORSO),
)

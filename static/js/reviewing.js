// What is done on the reviewing page, loaded as one: what these files share exists once.
import "./sentences.js";
import "./finding-steps.js";

// What is done on the writing page, loaded as one: what these files share exists once.
import "./evidence.js";
import "./finding-steps.js";
import "./autosave.js";

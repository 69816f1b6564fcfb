// What is done on a sample's page for reading, loaded as one: what these files share exists once.
import "./marks.js";
import "./finding-steps.js";

import{a,b}from"./shared-UYL4JVL3.js";export{a as Refused,b as store};
